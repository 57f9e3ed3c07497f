//! Writes the data of a response straight into bytes: rows by selection, nulls where errors are, and their paths.
//!
//! A field that fails and mustn't be null takes its object along (null propagation): what was written of that object is
//! cut off again, up to the nearest field that may be null.

use std::io::Write as _;

use apollo_compiler::{Name, parser::SourceSpan};

use crate::{
    codec::json::{Json, JsonForm},
    error::{ApiError, Code},
    etag::etag,
    graphql::{
        arguments::{self, Values, Variables},
        plan::{
            ConnectionField, EdgeField, EntryField, Group, Nodes, PageInfoField, RootField, RowField, Selected,
            Selection, Shape, Shown, What,
        },
        response::{FieldError, PathSegment},
    },
    service::{
        level::{Fetched, Level, Slice},
        refusal::not_found,
    },
    value::{Record, Value, parse_id},
};

/// Why a field has no value.
#[derive(Debug)]
pub(crate) enum Failure {
    /// There is none: right if the field may be null.
    Missing,
    Error(Box<ApiError>),
    /// Something below failed, which is already told.
    Below,
}

impl From<ApiError> for Failure {
    fn from(error: ApiError) -> Failure {
        Failure::Error(Box::new(error))
    }
}

pub(crate) type Written = Result<(), Failure>;

/// Data in the making.
#[derive(Debug, Default)]
pub(crate) struct Completer<'p> {
    pub(crate) out: Vec<u8>,
    pub(crate) errors: Vec<FieldError>,
    path: Vec<Step<'p>>,
}

/// One step of the way from the root to where we are.
#[derive(Debug, Clone, Copy)]
enum Step<'p> {
    /// A response key, and where the document asks for it.
    Key(&'p Name, Option<SourceSpan>),
    Index(usize),
}

/// The whole data of a query.
pub(crate) fn query<'p>(
    selection: &'p Selection<RootField>,
    level: &Level,
    variables: Variables<'_>,
    mut introspection: impl FnMut(&mut Completer<'p>, &str) -> Written,
) -> Completer<'p> {
    let mut completer = Completer::default();
    let written = completer.object_with(selection, |completer, field, key| match field {
        RootField::Introspection => introspection(completer, key),
        field => completer.root(field, level, variables),
    });
    if written.is_err() {
        completer.nothing();
    }
    completer
}

impl<'p> Completer<'p> {
    fn root(&mut self, field: &'p RootField, level: &Level, variables: Variables<'_>) -> Written {
        match field {
            RootField::Introspection => Err(Failure::Missing),
            RootField::Get { resource, arguments, fetch, row } => {
                self.one(row, fetched(level, *fetch)?, 0).map_err(|failure| match failure {
                    Failure::Missing => match arguments.values(variables) {
                        Ok(values) => not_found(resource, &arguments::id(&values)).into(),
                        Err(error) => error.into(),
                    },
                    failure => failure,
                })
            }
            RootField::Node { row: Some((fetch, selection)), .. } => self.one(selection, fetched(level, *fetch)?, 0),
            RootField::Node { row: None, arguments } => {
                arguments.values(variables)?;
                Err(Failure::Missing)
            }
            RootField::Nodes(nodes) => self.nodes(nodes, &nodes.arguments.values(variables)?, level),
            RootField::List(fetch, selection) => self.connection(selection, fetched(level, *fetch)?, 0),
            RootField::Act(fetch, shown) => {
                let fetched = fetched(level, *fetch)?;
                self.shown(shown, &fetched.level, fetched.value.as_ref())
            }
        }
    }

    fn nodes(&mut self, nodes: &'p Nodes, values: &Values, level: &Level) -> Written {
        // Each group has the rows of its own ids, in their order.
        let mut positions = vec![0; nodes.groups.len()];
        self.list(arguments::ids(values), |completer, id| {
            let known = |group: &Group| parse_id(group.resource.id(), id).is_some();
            let Some(number) = nodes.groups.iter().position(known) else { return completer.null() };
            let Group { fetch, row, .. } = &nodes.groups[number];
            let (start, position) = (completer.out.len(), positions[number]);
            positions[number] += 1;
            let written = fetched(level, *fetch).and_then(|fetched| completer.one(row, fetched, position));
            written.or_else(|failure| completer.null_for(failure, start))
        })
    }

    /// What an action returned: rows, or a value.
    pub(crate) fn shown(&mut self, shown: &'p Shown, level: &Level, value: Option<&Value>) -> Written {
        match shown {
            Shown::Row(selection) => self.row(selection, level, 0),
            Shown::Rows(selection) => {
                self.list(0..level.records.len(), |completer, row| completer.row(selection, level, row))
            }
            Shown::Value(shape) => self.value(shape, value.ok_or(Failure::Missing)?),
        }
    }

    pub(crate) fn row(&mut self, selection: &'p Selection<RowField>, level: &Level, position: usize) -> Written {
        let record = &level.records[position];
        self.object(selection, |completer, field| match field {
            RowField::Column { index, shape } => match level.failed.get(index) {
                Some(error) => Err(error.clone().into()),
                None => completer.value(shape, &record.values[*index]),
            },
            RowField::Etag => completer.text(&etag(record.version)),
            RowField::One(fetch, selection) => completer.one(selection, fetched(level, *fetch)?, position),
            RowField::Many(fetch, selection) => completer.connection(selection, fetched(level, *fetch)?, position),
        })
    }

    /// The one row of this parent.
    fn one(&mut self, selection: &'p Selection<RowField>, fetched: &Fetched, parent: usize) -> Written {
        self.row(selection, &fetched.level, fetched.one(parent).ok_or(Failure::Missing)?)
    }

    fn connection(&mut self, selection: &'p Selection<ConnectionField>, fetched: &Fetched, parent: usize) -> Written {
        let (level, slice) = (&fetched.level, fetched.page(parent).ok_or(Failure::Missing)?);
        self.object(selection, |completer, field| match field {
            ConnectionField::Nodes(selection) => {
                completer.list(slice.rows.clone(), |completer, row| completer.row(selection, level, row))
            }
            ConnectionField::Edges(selection) => {
                completer.list(slice.rows.clone(), |completer, row| completer.edge(selection, level, slice, row))
            }
            ConnectionField::PageInfo(selection) => {
                completer.page_info(selection, slice, &level.records[slice.rows.clone()])
            }
            ConnectionField::TotalCount => completer.display(slice.total.ok_or(Failure::Missing)?),
        })
    }

    fn edge(&mut self, selection: &'p Selection<EdgeField>, level: &Level, slice: &Slice, row: usize) -> Written {
        self.object(selection, |completer, field| match field {
            EdgeField::Node(selection) => completer.row(selection, level, row),
            EdgeField::Cursor => completer.text(&slice.cursors.cursor(&level.records[row])),
        })
    }

    fn page_info(&mut self, selection: &'p Selection<PageInfoField>, slice: &Slice, records: &[Record]) -> Written {
        let cursor = |record: Option<&Record>| match record {
            Some(record) => Ok(slice.cursors.cursor(record)),
            None => Err(Failure::Missing),
        };
        self.object(selection, |completer, field| match field {
            PageInfoField::HasNextPage => completer.display(slice.has_next),
            PageInfoField::HasPreviousPage => completer.display(slice.has_previous),
            PageInfoField::StartCursor => completer.text(&cursor(records.first())?),
            PageInfoField::EndCursor => completer.text(&cursor(records.last())?),
        })
    }

    pub(crate) fn value(&mut self, shape: &'p Shape, value: &Value) -> Written {
        match (shape, value) {
            (_, Value::Null) => Err(Failure::Missing),
            (Shape::Leaf(ty), value) => self.json(&Json { ty, value, form: JsonForm::Graphql }),
            (Shape::List(item), Value::List(items)) => {
                self.list(items, |completer, value| completer.value(item, value))
            }
            (Shape::Map(selection), Value::Map(entries)) => self.list(entries, |completer, (key, value)| {
                completer.object(selection, |completer, field| match field {
                    EntryField::Key => completer.text(key),
                    EntryField::Value(shape) => completer.value(shape, value),
                })
            }),
            (Shape::Object(selection), Value::Object(members)) => {
                self.object(selection, |completer, (index, shape)| completer.value(shape, &members[*index]))
            }
            (_, value) => Err(ApiError::internal(format_args!("{value:?} isn't of its field's type")).into()),
        }
    }

    pub(crate) fn object<F>(
        &mut self,
        selection: &'p Selection<F>,
        mut write: impl FnMut(&mut Completer<'p>, &'p F) -> Written,
    ) -> Written {
        self.object_with(selection, |completer, field, _| write(completer, field))
    }

    fn object_with<F>(
        &mut self,
        selection: &'p Selection<F>,
        mut write: impl FnMut(&mut Completer<'p>, &'p F, &'p str) -> Written,
    ) -> Written {
        self.open();
        for selected in &selection.fields {
            self.key(selected);
            let start = self.out.len();
            let written = match &selected.what {
                What::Typename => self.text(&selection.type_name),
                What::Field(field) => write(self, field, &selected.key),
                What::Unserved(error) => Err(Failure::Error(error.clone())),
            };
            self.settle(selected, start, written)?;
        }
        self.close();
        Ok(())
    }

    pub(crate) fn open(&mut self) {
        self.out.push(b'{');
    }

    pub(crate) fn close(&mut self) {
        self.out.push(b'}');
    }

    /// Begins a member of the object that is open. What follows it is its value, then [`Completer::settle`].
    pub(crate) fn key<F>(&mut self, selected: &'p Selected<F>) {
        if self.out.last() != Some(&b'{') {
            self.out.push(b',');
        }
        self.out.push(b'"');
        self.out.extend_from_slice(selected.key.as_bytes());
        self.out.extend_from_slice(b"\":");
        self.path.push(Step::Key(&selected.key, selected.span));
    }

    /// Ends a member whose value began at `start`: a failure becomes null here, or that of the object.
    pub(crate) fn settle<F>(&mut self, selected: &'p Selected<F>, start: usize, written: Written) -> Written {
        let settled = written.or_else(|failure| {
            if selected.nullable {
                return self.null_for(failure, start);
            }
            self.tell(failure, Missing::Error);
            Err(Failure::Below)
        });
        self.path.pop();
        settled
    }

    /// A list of values that mustn't be null.
    pub(crate) fn list<T>(
        &mut self,
        items: impl IntoIterator<Item = T>,
        mut write: impl FnMut(&mut Completer<'p>, T) -> Written,
    ) -> Written {
        self.out.push(b'[');
        for (index, item) in items.into_iter().enumerate() {
            if index > 0 {
                self.out.push(b',');
            }
            self.path.push(Step::Index(index));
            let written = write(self, item).map_err(|failure| {
                self.tell(failure, Missing::Error);
                Failure::Below
            });
            self.path.pop();
            written?;
        }
        self.out.push(b']');
        Ok(())
    }

    /// Writes null in place of a value that began at `start` and failed.
    fn null_for(&mut self, failure: Failure, start: usize) -> Written {
        self.tell(failure, Missing::Allowed);
        self.out.truncate(start);
        self.null()
    }

    fn tell(&mut self, failure: Failure, missing: Missing) {
        let error = match (failure, missing) {
            (Failure::Below, _) | (Failure::Missing, Missing::Allowed) => return,
            (Failure::Error(error), _) => *error,
            (Failure::Missing, Missing::Error) => {
                ApiError::new(Code::DataLoss, "a value that must be there isn't stored, or refers to nothing")
            }
        };
        let path = self.path.iter().map(|step| match *step {
            Step::Key(name, span) => PathSegment::Key(name.clone(), span),
            Step::Index(index) => PathSegment::Index(index),
        });
        self.errors.push(FieldError { path: path.collect(), error });
    }

    /// Null is all that is left of the data.
    pub(crate) fn nothing(&mut self) {
        self.out.clear();
        self.out.extend_from_slice(b"null");
    }

    pub(crate) fn null(&mut self) -> Written {
        self.out.extend_from_slice(b"null");
        Ok(())
    }

    pub(crate) fn text(&mut self, text: &str) -> Written {
        self.json(text)
    }

    /// A boolean or a number.
    fn display(&mut self, value: impl std::fmt::Display) -> Written {
        write!(self.out, "{value}").map_err(|error| ApiError::internal(error).into())
    }

    pub(crate) fn json(&mut self, value: &(impl serde::Serialize + ?Sized)) -> Written {
        serde_json::to_writer(&mut self.out, value).map_err(|error| ApiError::internal(error).into())
    }
}

/// What a missing value means.
#[derive(Debug, Clone, Copy)]
enum Missing {
    Allowed,
    Error,
}

fn fetched(level: &Level, fetch: usize) -> Result<&Fetched, Failure> {
    level.fetched[fetch].as_ref().map_err(|error| error.clone().into())
}
