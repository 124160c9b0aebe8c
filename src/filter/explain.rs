use std::fmt;

use serde::Serialize;
use serde_json::Value;

use super::{
    ast::{Clause, NormalForm},
    key::Key,
    pointer::Pointer,
    program::Program,
    table::Section,
    write::NamedClause,
};
use crate::attribute::{AttributeId, AttributeKind, Values};

/// Why a filter matches a notification or does not, as data; `Display` writes it for people.
///
/// ```
/// use recohook::{Filter, Notification, attribute::Values};
/// use recohook::findface::security::{Event, FILTERS};
///
/// let filter = Filter::parse(r#"{"events": {"camera_in": [3, 7], "matched": true}}"#, &FILTERS)?;
/// let event = Event::new("42").camera(4).matched(true);
/// let mut values = Values::new();
/// values.reset(event.schema());
/// event.attributes(&mut values);
///
/// let explanation = filter.explain(&values);
/// assert!(!explanation.is_match());
/// assert_eq!(
///     explanation.to_string(),
///     "not wanted: \"events\"\n  \
///        no   /events/camera_in [3,7]: camera is 4\n  \
///        yes  /events/matched true: matched is true\n",
/// );
/// # Ok::<(), recohook::filter::FilterError>(())
/// ```
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Explanation {
    matches: bool,
    /// `None` if the values have no schema.
    topic: Option<&'static str>,
    /// `None` where the table has no section for the topic, or the filter has it off.
    verdicts: Option<Vec<Verdict>>,
}

/// What came of one key, or of what combines some.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Verdict {
    pointer: String,
    holds: bool,
    /// What the key asks for; `None` of what combines others.
    #[serde(skip_serializing_if = "Option::is_none")]
    expected: Option<Value>,
    /// `None` of what combines others.
    #[serde(skip_serializing_if = "Option::is_none")]
    attribute: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    actual: Option<AttributeValue>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    children: Vec<Verdict>,
}

/// The value that a key found.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum AttributeValue {
    /// None: the attribute is null, missing, or an empty list.
    Nothing,
    /// A boolean.
    Bool(bool),
    /// A name of a choice.
    Name(&'static str),
    /// A name that is not among those of the choice.
    OtherName,
    /// A number.
    Number(f64),
    /// An integer.
    Int(i64),
    /// A text.
    Text(String),
    /// A list of booleans.
    Bools(Vec<bool>),
    /// A list of numbers.
    Numbers(Vec<f64>),
    /// A list of integers.
    Ints(Vec<i64>),
    /// A list of texts.
    Texts(Vec<String>),
}

impl Explanation {
    pub(super) fn of(form: &NormalForm, values: &Values) -> Self {
        let schema = values.schema();
        let topic = schema.map(|schema| schema.topic());
        let section = form.sections().find(|(section, _)| Some(section.schema()) == schema);
        let Some((section, clause)) = section else {
            return Self { matches: false, topic, verdicts: None };
        };
        let explainer = Explainer { section, values };
        let top = Pointer::ROOT;
        let pointer = if form.table.is_flat() { top } else { top.member(section.name()) };
        let verdicts = Some(explainer.clause(clause, &pointer));
        Self { matches: explainer.holds(clause), topic, verdicts }
    }

    /// Whether the filter matches the notification.
    pub fn is_match(&self) -> bool {
        self.matches
    }

    /// The notification's topic; `None` if the values were not reset to a schema.
    pub fn topic(&self) -> Option<&'static str> {
        self.topic
    }

    /// The verdict of each key that stands in the topic's section: all must hold. `None` where the
    /// section is off, or the filter's table has none for the topic: then nothing matches.
    pub fn verdicts(&self) -> Option<&[Verdict]> {
        self.verdicts.as_deref()
    }
}

impl Verdict {
    /// The place in the filter, as a JSON Pointer (RFC 6901) into what it displays.
    pub fn pointer(&self) -> &str {
        &self.pointer
    }

    /// Whether the notification passes here.
    pub fn holds(&self) -> bool {
        self.holds
    }

    /// What a key asks for, in normal form. `None` of `all`, `any`, `not`, their clauses, and
    /// objects of keys.
    pub fn expected(&self) -> Option<&Value> {
        self.expected.as_ref()
    }

    /// The attribute that a key looks at.
    pub fn attribute(&self) -> Option<&'static str> {
        self.attribute
    }

    /// The value that a key found.
    pub fn actual(&self) -> Option<&AttributeValue> {
        self.actual.as_ref()
    }

    /// What this one is made of: the clauses of `all`, `any` and `not`, the keys of a clause.
    pub fn children(&self) -> &[Self] {
        &self.children
    }
}

struct Explainer<'a> {
    section: &'static Section,
    values: &'a Values,
}

impl Explainer<'_> {
    /// What a filter of this clause alone would say.
    fn holds(&self, clause: &Clause) -> bool {
        let program = Program::compile(self.section.schema(), clause);
        program.is_some_and(|program| program.matches(self.values))
    }

    fn clause(&self, clause: &Clause, pointer: &Pointer<'_>) -> Vec<Verdict> {
        let keys = clause.keys(self.section);
        let mut verdicts: Vec<_> = keys.iter().map(|key| self.key(clause, key, pointer)).collect();
        if let Some(clauses) = &clause.all {
            let pointer = pointer.member("all");
            let children = self.each(clauses, &pointer);
            let holds = children.iter().all(Verdict::holds);
            verdicts.push(Verdict::combining(&pointer, holds, children));
        }
        if let Some(clauses) = &clause.any {
            let pointer = pointer.member("any");
            let children = self.each(clauses, &pointer);
            let holds = children.iter().any(Verdict::holds);
            verdicts.push(Verdict::combining(&pointer, holds, children));
        }
        if let Some(clause) = &clause.not {
            let pointer = pointer.member("not");
            let holds = !self.holds(clause);
            verdicts.push(Verdict::combining(&pointer, holds, self.clause(clause, &pointer)));
        }
        verdicts
    }

    fn each(&self, clauses: &[Clause], pointer: &Pointer<'_>) -> Vec<Verdict> {
        let clauses = clauses.iter().enumerate();
        let verdicts = clauses.map(|(i, clause)| {
            let pointer = pointer.item(i);
            Verdict::combining(&pointer, self.holds(clause), self.clause(clause, &pointer))
        });
        verdicts.collect()
    }

    fn key(&self, clause: &Clause, key: &Key, pointer: &Pointer<'_>) -> Verdict {
        let name = self.section.key_name(key);
        let pointer = pointer.member(&name);
        let alone = clause.only(key);
        let children: Vec<_> = key
            .members()
            .iter()
            .filter(|member| clause.operand(member).is_some())
            .map(|member| self.key(clause, member, &pointer))
            .collect();
        let holds = self.holds(&alone) && children.iter().all(|verdict| verdict.holds);
        if key.is_group() {
            return Verdict::combining(&pointer, holds, children);
        }
        let named = NamedClause { section: self.section, clause };
        Verdict {
            pointer: pointer.to_string(),
            holds,
            expected: named.value(key),
            attribute: Some(self.section.attribute(key).name()),
            actual: Some(AttributeValue::by(self.values, key.attribute(), self.section.kind(key))),
            children,
        }
    }
}

impl Verdict {
    fn combining(pointer: &Pointer<'_>, holds: bool, children: Vec<Self>) -> Self {
        let pointer = pointer.to_string();
        Self { pointer, holds, expected: None, attribute: None, actual: None, children }
    }
}

impl AttributeValue {
    fn by(values: &Values, id: AttributeId, kind: AttributeKind) -> Self {
        if !values.is_present(id) {
            return Self::Nothing;
        }
        let number = |bits: &i64| f64::from_bits(bits.cast_unsigned());
        match kind {
            AttributeKind::Bool => Self::Bool(values.choice_at(id) == 1),
            AttributeKind::Choice(names) => {
                names.get(values.choice_at(id)).map_or(Self::OtherName, |name| Self::Name(name))
            }
            AttributeKind::Number => Self::Number(values.number_at(id)),
            AttributeKind::Int => Self::Int(values.int_at(id)),
            AttributeKind::Text => Self::Text(values.text_at(id).to_owned()),
            AttributeKind::Bools => {
                Self::Bools(values.members_at(id).iter().map(|one| *one != 0).collect())
            }
            AttributeKind::Numbers => {
                Self::Numbers(values.members_at(id).iter().map(number).collect())
            }
            AttributeKind::Ints => Self::Ints(values.members_at(id).to_vec()),
            AttributeKind::Texts => Self::Texts(values.texts_at(id).map(str::to_owned).collect()),
        }
    }
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.matches { "wanted: " } else { "not wanted: " })?;
        match (self.topic, &self.verdicts) {
            (None, _) => writeln!(f, "the values were not filled"),
            (Some(topic), None) => writeln!(f, "the filter does not ask for \"{topic}\""),
            (Some(topic), Some(verdicts)) => {
                writeln!(f, "\"{topic}\"")?;
                verdicts.iter().try_for_each(|verdict| verdict.write(f, 1))
            }
        }
    }
}

impl Verdict {
    fn write(&self, f: &mut fmt::Formatter<'_>, depth: usize) -> fmt::Result {
        let (indent, holds) = (depth * 2, if self.holds { "yes" } else { "no" });
        write!(f, "{:indent$}{holds:<4} {}", "", self.pointer)?;
        if let Some(expected) = &self.expected {
            write!(f, " {}", Abbreviated(expected))?;
        }
        if let (Some(attribute), Some(actual)) = (self.attribute, &self.actual) {
            write!(f, ": {attribute} is {actual}")?;
        }
        writeln!(f)?;
        self.children.iter().try_for_each(|verdict| verdict.write(f, depth + 1))
    }
}

impl fmt::Display for AttributeValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nothing => f.write_str("null or missing"),
            Self::Bool(value) => write!(f, "{value}"),
            Self::Name(name) => write!(f, "{name:?}"),
            Self::OtherName => f.write_str("another name"),
            Self::Number(number) => write!(f, "{number}"),
            Self::Int(int) => write!(f, "{int}"),
            Self::Text(text) => write!(f, "{text:?}"),
            Self::Bools(list) => write!(f, "{list:?}"),
            Self::Numbers(list) => write!(f, "{list:?}"),
            Self::Ints(list) => write!(f, "{list:?}"),
            Self::Texts(list) => write!(f, "{list:?}"),
        }
    }
}

/// A value of a filter as a line shows it: of a long list, its beginning.
struct Abbreviated<'a>(&'a Value);

impl fmt::Display for Abbreviated<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const SHOWN: usize = 10;
        match self.0.as_array() {
            Some(list) if list.len() > SHOWN => {
                let shown = Value::from(&list[..SHOWN]).to_string();
                let shown = shown.strip_suffix(']').unwrap_or(&shown);
                write!(f, "{shown}, ... ({} in all)]", list.len())
            }
            _ => write!(f, "{}", self.0),
        }
    }
}
