use std::fmt;

use crate::attribute::{AttributeId, Kind, Schema, same};

/// The filter keys of one system: what the JSON text of its filters may say.
///
/// A table is declared once, as a `static`. A mistake in one (a name twice, a key that cannot test
/// its attribute) is a compile error there.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Table {
    sections: &'static [Section],
}

/// The keys that test the notifications of one topic.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Section {
    name: &'static str,
    schema: &'static Schema,
    keys: &'static [Key],
}

/// One filter key: its name, the attribute it tests and how, and the values it takes.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Key {
    name: &'static str,
    attribute: AttributeId,
    operator: Operator,
    domain: Domain,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Operator {
    In,
    Is,
    AtLeast,
    AtMost,
}

/// The values that a key documents. They bound what a filter may say, not what it is tested on.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) enum Domain {
    Any,
    Integers { least: i64 },
    Between { least: f64, most: f64 },
}

impl Table {
    /// Declares a table.
    ///
    /// # Panics
    /// In a `static` a compile error, where two sections share a name or a schema.
    pub const fn new(sections: &'static [Section]) -> Self {
        let mut i = 0;
        while i < sections.len() {
            let mut j = 0;
            while j < i {
                assert!(!same(sections[j].name, sections[i].name), "a section stands twice");
                assert!(
                    sections[j].schema.id().as_u64() != sections[i].schema.id().as_u64(),
                    "two sections have one schema"
                );
                j += 1;
            }
            i += 1;
        }
        Self { sections }
    }

    /// The sections, in the order in which filters are written.
    pub const fn sections(&self) -> &'static [Section] {
        self.sections
    }
}

impl Section {
    /// Declares the keys for notifications of `schema`.
    ///
    /// # Panics
    /// In a `static` a compile error, where two keys share a name, or an attribute and operator;
    /// where a key cannot test its attribute; and where its values do not suit the attribute.
    pub const fn new(name: &'static str, schema: &'static Schema, keys: &'static [Key]) -> Self {
        let mut i = 0;
        while i < keys.len() {
            keys[i].check(schema);
            let mut j = 0;
            while j < i {
                assert!(!same(keys[j].name, keys[i].name), "a key stands twice");
                assert!(
                    keys[j].attribute.index() != keys[i].attribute.index()
                        || keys[j].operator as u8 != keys[i].operator as u8,
                    "two keys test the same"
                );
                j += 1;
            }
            i += 1;
        }
        Self { name, schema, keys }
    }

    /// The name under which a filter writes it.
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// The notifications it is about.
    pub const fn schema(&self) -> &'static Schema {
        self.schema
    }

    /// The keys, in the order in which filters are written.
    pub const fn keys(&self) -> &'static [Key] {
        self.keys
    }

    /// The kind of the attribute that `key` tests. [`Section::new`] has checked that there is one.
    pub(crate) fn kind(&self, key: &Key) -> Kind {
        self.schema.attributes()[key.attribute.index()].kind()
    }
}

impl Key {
    /// A list of values: the attribute is one of them, or, where it is itself a list, has one of
    /// them. For choices, integers and lists of integers. `[]` matches nothing.
    pub const fn one_of(name: &'static str, attribute: AttributeId) -> Self {
        Self::new(name, attribute, Operator::In)
    }

    /// `true` or `false`: the attribute is the same. For booleans.
    pub const fn is(name: &'static str, attribute: AttributeId) -> Self {
        Self::new(name, attribute, Operator::Is)
    }

    /// A number: the attribute is greater or equal. For numbers.
    pub const fn at_least(name: &'static str, attribute: AttributeId) -> Self {
        Self::new(name, attribute, Operator::AtLeast)
    }

    /// A number: the attribute is less or equal. For numbers.
    pub const fn at_most(name: &'static str, attribute: AttributeId) -> Self {
        Self::new(name, attribute, Operator::AtMost)
    }

    /// Takes only whole numbers of `least` or more, written without a fraction.
    #[must_use]
    pub const fn integers_from(mut self, least: i64) -> Self {
        self.domain = Domain::Integers { least };
        self
    }

    /// Takes only numbers from `least` to `most`, both included.
    #[must_use]
    pub const fn between(mut self, least: f64, most: f64) -> Self {
        self.domain = Domain::Between { least, most };
        self
    }

    /// The name under which a filter writes it.
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// The attribute it tests.
    pub const fn attribute(&self) -> AttributeId {
        self.attribute
    }

    pub(crate) const fn operator(&self) -> Operator {
        self.operator
    }

    pub(crate) const fn domain(&self) -> Domain {
        self.domain
    }

    const fn new(name: &'static str, attribute: AttributeId, operator: Operator) -> Self {
        Self { name, attribute, operator, domain: Domain::Any }
    }

    const fn check(&self, schema: &Schema) {
        let index = self.attribute.index();
        assert!(index < schema.attributes().len(), "a key tests an attribute of another schema");
        let suits = match (schema.attributes()[index].kind(), self.operator, self.domain) {
            (Kind::Bool, Operator::Is, Domain::Any)
            | (Kind::Choice(_), Operator::In, Domain::Any)
            | (Kind::Int | Kind::Ints, Operator::In, Domain::Any | Domain::Integers { .. })
            | (
                Kind::Number,
                Operator::AtLeast | Operator::AtMost,
                Domain::Any | Domain::Integers { .. },
            ) => true,
            (
                Kind::Number,
                Operator::AtLeast | Operator::AtMost,
                Domain::Between { least, most },
            ) => least <= most,
            _ => false,
        };
        assert!(suits, "a key cannot test an attribute of this kind, or not with these values");
    }
}

/// What an error says was expected of one number.
impl fmt::Display for Domain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any => f.write_str("a number"),
            Self::Integers { least: i64::MIN } => f.write_str("an integer"),
            Self::Integers { least } => write!(f, "an integer of {least} or more"),
            Self::Between { least, most } => write!(f, "a number from {least} to {most}"),
        }
    }
}
