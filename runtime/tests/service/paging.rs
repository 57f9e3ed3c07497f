//! Paging gives every row once, in order, in both directions, whatever the order and the size of the pages.

use apigen_runtime::{
    descriptor::{Direction, Sort},
    error::Code,
    filter::{Compare, Filter, Test},
    service::{ListArgs, Page, Skip},
    value::{Record, Value},
};
use serde_json::json;

use crate::domain::{ARGS, AUTHOR, BOOK, Library, call};

const ORDERS: &[&[(&str, Direction)]] = {
    use Direction::{Ascending, Descending};
    &[
        &[],
        &[("id", Descending)],
        &[("title", Ascending)],
        &[("title", Descending), ("created_at", Descending)],
        &[("year", Ascending)],
        &[("year", Descending)],
        &[("year", Descending), ("title", Ascending)],
        &[("price", Ascending), ("year", Descending)],
        &[("year", Ascending), ("price", Ascending), ("title", Descending)],
    ]
};

/// Twenty-three books, with many equal and missing sort keys.
async fn library() -> Library {
    let library = Library::open().await;
    for number in 0..23 {
        let year = (number % 3 != 0).then_some(1990 + number % 4);
        let price = (number % 4 != 1).then(|| format!("{}.50", number % 5));
        let title = ["dune", "emma", "ulysses"][number % 3];
        library.create(&BOOK, json!({ "title": title, "year": year, "price": price })).await.unwrap();
    }
    library
}

fn sort(order: &[(&'static str, Direction)]) -> Option<Vec<Sort>> {
    Some(order.iter().map(|(field, direction)| Sort { field, direction: *direction }).collect())
}

fn ids(records: &[Record]) -> Vec<Value> {
    records.iter().map(|record| record.id().clone()).collect()
}

/// The rows in the order that the page's documentation promises: nulls last, `id` in the direction of the last key.
async fn expected(library: &Library, order: &[(&str, Direction)]) -> Vec<Value> {
    let all = ListArgs { page_size: Some(20), ..ARGS };
    let first = library.list(all.clone()).await.unwrap();
    let cursor = first.cursors.of(first.records.last().unwrap(), false);
    let rest = library.list(ListArgs { cursor: Some(cursor), ..all }).await.unwrap();
    let mut records = [first.records, rest.records].concat();
    let mut keys = order.to_vec();
    keys.push(("id", order.last().map_or(Direction::Ascending, |(_, direction)| *direction)));
    records.sort_by(|a, b| {
        let compared = keys.iter().map(|(field, direction)| {
            let (a, b) = (a.get(&BOOK, field).unwrap(), b.get(&BOOK, field).unwrap());
            compare(a, b, *direction)
        });
        compared.fold(std::cmp::Ordering::Equal, std::cmp::Ordering::then)
    });
    ids(&records)
}

fn compare(a: &Value, b: &Value, direction: Direction) -> std::cmp::Ordering {
    let ordering = match (a, b) {
        (Value::Null, Value::Null) => return std::cmp::Ordering::Equal,
        (Value::Null, _) => return std::cmp::Ordering::Greater,
        (_, Value::Null) => return std::cmp::Ordering::Less,
        (Value::Int(a), Value::Int(b)) => a.cmp(b),
        (Value::Text(a), Value::Text(b)) => a.cmp(b),
        (Value::Decimal(a), Value::Decimal(b)) => a.cmp(b),
        (Value::Timestamp(a), Value::Timestamp(b)) => a.cmp(b),
        other => unreachable!("{other:?} isn't a sort key here"),
    };
    if direction == Direction::Descending { ordering.reverse() } else { ordering }
}

#[tokio::test]
async fn every_order_pages_forward_through_all_rows_once() {
    let library = library().await;
    for order in ORDERS {
        let expected = expected(&library, order).await;
        for size in [1, 2, 7, 20] {
            let mut seen = Vec::new();
            let mut args = ListArgs { page_size: Some(size), sort: sort(order), ..ARGS };
            loop {
                let page = library.list(args.clone()).await.unwrap();
                assert_eq!(page.has_previous, args.cursor.is_some(), "{order:?}");
                seen.extend(ids(&page.records));
                if !page.has_next {
                    break;
                }
                args.cursor = page.records.last().map(|record| page.cursors.of(record, false));
            }
            assert_eq!(seen, expected, "{order:?} by {size}");
        }
    }
}

#[tokio::test]
async fn every_order_pages_backward_through_all_rows_once() {
    let library = library().await;
    for order in ORDERS {
        let expected = expected(&library, order).await;
        for size in [1, 2, 7, 20] {
            let mut seen: Vec<Value> = Vec::new();
            let mut args = ListArgs { page_size: Some(size), sort: sort(order), backward: true, ..ARGS };
            loop {
                let page = library.list(args.clone()).await.unwrap();
                assert_eq!(page.has_next, args.cursor.is_some(), "{order:?}");
                seen.splice(0..0, ids(&page.records));
                if !page.has_previous {
                    break;
                }
                args.cursor = page.records.first().map(|record| page.cursors.of(record, true));
            }
            assert_eq!(seen, expected, "{order:?} by {size}");
        }
    }
}

async fn code(library: &Library, args: ListArgs) -> Code {
    library.list(args).await.expect_err("the list is refused").code
}

fn next(page: &Page) -> Option<String> {
    page.records.last().map(|record| page.cursors.of(record, false))
}

#[tokio::test]
async fn a_cursor_is_good_for_its_own_list_only() {
    let library = library().await;
    let args = ListArgs { page_size: Some(2), ..ARGS };
    let cursor = next(&library.list(args.clone()).await.unwrap());
    let recent = Filter::Compare(Compare { field: 2, test: Test::Gt(Value::Int(1990)) });

    // The page's size may change, nothing else.
    let with = ListArgs { cursor: cursor.clone(), ..args.clone() };
    assert!(library.list(ListArgs { page_size: Some(5), ..with.clone() }).await.is_ok());
    assert_eq!(
        code(&library, ListArgs { sort: sort(&[("title", Direction::Ascending)]), ..with.clone() }).await,
        Code::InvalidPageToken
    );
    assert_eq!(code(&library, ListArgs { filter: Some(recent), ..with.clone() }).await, Code::InvalidPageToken);
    let authors = library.service.list(&call(), &AUTHOR, &with).await.expect_err("the cursor is of another resource");
    assert_eq!(authors.code, Code::InvalidPageToken);
}

#[tokio::test]
async fn a_cursor_cannot_be_made_or_changed() {
    let library = library().await;
    let args = ListArgs { page_size: Some(2), ..ARGS };
    let cursor = next(&library.list(args.clone()).await.unwrap()).unwrap();
    for position in 0..cursor.len() {
        let mut bytes = cursor.clone().into_bytes();
        bytes[position] = if bytes[position] == b'A' { b'B' } else { b'A' };
        let changed = String::from_utf8(bytes).unwrap();
        assert_eq!(code(&library, ListArgs { cursor: Some(changed), ..args.clone() }).await, Code::InvalidPageToken);
    }
    for forged in ["", "x", "AAAA", "bm90IGEgY3Vyc29y"] {
        let args = ListArgs { cursor: Some(forged.to_owned()), ..args.clone() };
        assert_eq!(code(&library, args).await, Code::InvalidPageToken, "{forged}");
    }
}

#[tokio::test]
async fn an_old_secret_still_opens_cursors() {
    let (old, new) = ("the old secret of the tests", "the new secret of the tests");
    let before = Library::with_key(old).await;
    before.create(&BOOK, json!({ "title": "dune" })).await.unwrap();
    let args = ListArgs { page_size: Some(1), ..ARGS };
    let args = ListArgs { cursor: next(&before.list(args.clone()).await.unwrap()), ..args };

    assert!(Library::with_key(&format!("{new},{old}")).await.list(args.clone()).await.is_ok());
    assert_eq!(code(&Library::with_key(new).await, args).await, Code::InvalidPageToken);
}

#[tokio::test]
async fn page_sizes_are_coerced_and_negative_ones_refused() {
    let library = library().await;
    let size = |size| ListArgs { page_size: size, ..ARGS };
    assert_eq!(library.list(size(None)).await.unwrap().records.len(), 10);
    assert_eq!(library.list(size(Some(1000))).await.unwrap().records.len(), 20);
    let none = library.list(size(Some(0))).await.unwrap();
    assert!(none.records.is_empty() && none.has_next);
    let refused = library.list(size(Some(-1))).await.expect_err("negative");
    assert_eq!(
        (refused.code, refused.violations[0].location.to_string()),
        (Code::ValidationFailed, "limit".to_owned())
    );
}

#[tokio::test]
async fn totals_count_what_the_filter_admits() {
    let library = library().await;
    let filter = Filter::Compare(Compare { field: 2, test: Test::IsNull(true) });
    let args = ListArgs { page_size: Some(3), total: true, filter: Some(filter), ..ARGS };
    let first = library.list(args.clone()).await.unwrap();
    assert_eq!(first.total, Some(8));
    let second = library.list(ListArgs { cursor: next(&first), ..args }).await.unwrap();
    assert_eq!(second.total, Some(8), "the total doesn't shrink from page to page");
}

#[tokio::test]
async fn rows_can_be_passed_over() {
    let library = library().await;
    let all = expected(&library, &[("title", Direction::Ascending)]).await;
    let args = ListArgs { page_size: Some(4), sort: sort(&[("title", Direction::Ascending)]), ..ARGS };
    let page = library.list(ListArgs { skip: Skip::Rows(5), ..args.clone() }).await.unwrap();
    assert_eq!(ids(&page.records), all[5..9]);
    assert!(page.has_next && page.has_previous);
    let cursor = page.cursors.of(&page.records[3], false);
    let further = ListArgs { skip: Skip::Rows(2), cursor: Some(cursor), ..args.clone() };
    assert_eq!(ids(&library.list(further).await.unwrap().records), all[11..15]);
    let page = library.list(ListArgs { skip: Skip::Pages(5), ..args.clone() }).await.unwrap();
    assert_eq!((ids(&page.records), page.has_next), (all[20..].to_vec(), false));
    let error = library.list(ListArgs { skip: Skip::Rows(-1), ..args }).await.unwrap_err();
    assert_eq!((error.code, error.violations[0].code), (Code::ValidationFailed, "MINIMUM"));
}
