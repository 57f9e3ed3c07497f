//! The catalogue of mistakes. A code never changes its meaning; a new kind of mistake takes the next free number.

macro_rules! catalogue {
    ($($name:ident $id:literal $title:literal;)*) => {
        /// The kind of a mistake.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Code {
            $(#[doc = $title] $name,)*
        }

        impl Code {
            pub const ALL: &'static [Code] = &[$(Code::$name),*];

            /// `E0007`.
            pub fn id(self) -> &'static str {
                match self { $(Code::$name => $id,)* }
            }

            /// What such mistakes have in common, in a few words.
            pub fn title(self) -> &'static str {
                match self { $(Code::$name => $title,)* }
            }

            /// What such mistakes are, with a wrong and a right spec, in Markdown: what `apigen explain` prints.
            pub fn explanation(self) -> &'static str {
                match self { $(Code::$name => include_str!(concat!("explain/", $id, ".md")),)* }
            }
        }
    };
}

catalogue! {
    Syntax "E0001" "not well-formed YAML";
    YamlFeature "E0002" "a part of YAML that specs don't use";
    Encoding "E0003" "not UTF-8";
    UnknownKey "E0004" "unknown key";
    Duplicate "E0005" "written twice";
    MissingKey "E0006" "a required key is missing";
    UnknownType "E0007" "unknown type";
    WrongShape "E0008" "another kind of value is expected";
    NotSupportedYet "E0009" "not supported yet";
    LanguageVersion "E0010" "unsupported language version";
    NameCase "E0011" "a name is spelled in the wrong case";
    ReservedName "E0012" "reserved name";
    NamesCollide "E0013" "two names become the same";
    Empty "E0014" "nothing inside";
    BadLiteral "E0015" "a literal doesn't fit its type";
    LiteralBreaksRule "E0016" "a literal breaks the field's own constraint";
    RuleNotApplicable "E0017" "a constraint doesn't apply to the type";
    ImpossibleRange "E0018" "no value can satisfy the constraints";
    BadPattern "E0019" "a pattern doesn't compile";
    BadRule "E0020" "a constraint has a bad value";
    NotAResource "E0021" "a relation must lead to a resource";
    MissingInverse "E0022" "a relation has no inverse";
    InverseMismatch "E0023" "the inverse doesn't lead back";
    InverseNotUnique "E0024" "the inverse of a has_one isn't unique";
    TypeCycle "E0025" "a value type contains itself";
    RelationCycle "E0026" "rows that need each other first";
    BadPrefix "E0027" "not an id prefix";
    PrefixTaken "E0028" "two resources share an id prefix";
    KeyNotApplicable "E0029" "a key has no meaning here";
    Contradiction "E0030" "two keys contradict each other";
    UnknownOperation "E0031" "unknown operation";
    BadSort "E0032" "not a field to sort by";
    OptionalCollection "E0033" "lists and maps are never optional";
    BadApiName "E0034" "not an API name or version";
    Lock "E0035" "the lock file can't be read";
    UnknownName "E0036" "a name leads nowhere";
    Include "E0037" "a file can't be included";
    UnknownCode "E0038" "unknown canonical code";
    MessageParams "E0039" "a message and its params don't match";
    BadTransition "E0040" "a transition that can't happen";
    UnusedInput "E0041" "an input that nothing uses";
    UnknownEvent "E0042" "an event that nothing emits";
    BadPath "E0043" "a path of relations leads nowhere";
    BadAccess "E0044" "a rule doesn't say who may";
    BadLogin "E0045" "no login with this";
}
