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
use crate::attribute::{AttributeId, AttributeKind, Unread, Values};

/// The reasons why a filter does or does not match a notification.
///
/// An explanation is returned by [`Filter::explain`](super::Filter::explain). `Display` writes the
/// result and one line for each verdict, and shortens long lists in the filter. `Serialize` writes
/// the whole explanation as data.
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
///     "no match: \"events\"\n  \
///        no   /events/camera_in [3,7]: camera is 4\n  \
///        yes  /events/matched true: matched is true\n",
/// );
/// # Ok::<(), recohook::filter::FilterError>(())
/// ```
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Explanation {
    matches: bool,
    /// The notification's topic, or `None` if the values have no schema.
    topic: Option<&'static str>,
    /// The verdicts, or `None` if the table has no section for the topic or the section is off.
    verdicts: Option<Vec<Verdict>>,
}

/// The result of one key, combinator, clause or group. A combinator, clause or group also has the
/// verdicts on its parts.
///
/// ```
/// # use recohook::{Filter, Notification, attribute::Values};
/// # use recohook::findface::security::{Event, FILTERS};
/// let filter = Filter::parse(r#"{"events": {"camera_in": [3, 7]}}"#, &FILTERS)?;
/// let event = Event::new("42").camera(4);
/// let mut values = Values::new();
/// values.reset(event.schema());
/// event.attributes(&mut values);
/// let explanation = filter.explain(&values);
/// let verdict = &explanation.verdicts().expect("the section is on")[0];
/// assert_eq!((verdict.pointer(), verdict.holds()), ("/events/camera_in", false));
/// # Ok::<(), recohook::filter::FilterError>(())
/// ```
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Verdict {
    pointer: String,
    holds: bool,
    /// The key's value in the filter, or `None` for a combinator, clause or group.
    #[serde(skip_serializing_if = "Option::is_none")]
    expected: Option<Value>,
    /// The name of the attribute, or `None` for a combinator, clause or group.
    #[serde(skip_serializing_if = "Option::is_none")]
    attribute: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    actual: Option<AttributeValue>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    children: Vec<Verdict>,
}

/// The value of an attribute that a key tested.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum AttributeValue {
    /// No value: the attribute is null or missing.
    Nothing,
    /// An empty list, which counts as null.
    EmptyList,
    /// A value of another type, which counts as null.
    OtherType {
        /// A description of the value, such as "a text".
        found: &'static str,
        /// A description of the values that the attribute takes, such as "a number".
        expected: String,
    },
    /// The attribute is not read in notifications of this kind.
    OtherKind,
    /// A boolean.
    Bool(bool),
    /// One of the names of a choice.
    Name(&'static str),
    /// A name that is not in the choice. The name itself is not stored.
    OtherName,
    /// A number.
    Number(f64),
    /// An integer.
    Int(i64),
    /// A string.
    Text(String),
    /// A list of booleans.
    Bools(Vec<bool>),
    /// A list of numbers.
    Numbers(Vec<f64>),
    /// A list of integers.
    Ints(Vec<i64>),
    /// A list of strings.
    Texts(Vec<String>),
}

impl Explanation {
    /// Explains the filter with this normal form.
    pub(super) fn of(form: &NormalForm, values: &Values) -> Self {
        let schema = values.schema();
        let topic = schema.map(|schema| schema.topic());
        // No two sections of a table share a schema, so the first match is the only one.
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

    /// Returns whether the filter matches the notification, as
    /// [`Filter::matches`](super::Filter::matches) does.
    pub fn is_match(&self) -> bool {
        self.matches
    }

    /// Returns the topic of the notification, or `None` if the values were not
    /// [reset](Values::reset) to a schema.
    pub fn topic(&self) -> Option<&'static str> {
        self.topic
    }

    /// Returns a verdict for each key and combinator in the topic's section. The filter matches if
    /// all of them hold, so an empty slice means that the filter matches.
    ///
    /// Returns `None` if the section is off or if the filter's table has no section for the topic.
    /// In both cases the filter does not match.
    ///
    /// ```
    /// # use recohook::{Filter, Notification, attribute::Values};
    /// # use recohook::findface::security::{Event, FILTERS};
    /// let event = Event::new("42");
    /// let mut values = Values::new();
    /// values.reset(event.schema());
    /// event.attributes(&mut values);
    /// let everything = Filter::everything(&FILTERS).explain(&values);
    /// assert_eq!(everything.verdicts().map(<[_]>::len), Some(0));
    ///
    /// let off = Filter::parse(r#"{"counters": {}}"#, &FILTERS)?.explain(&values);
    /// assert!(off.verdicts().is_none());
    /// # Ok::<(), recohook::filter::FilterError>(())
    /// ```
    pub fn verdicts(&self) -> Option<&[Verdict]> {
        self.verdicts.as_deref()
    }
}

impl Verdict {
    /// Returns the position in the filter as a JSON Pointer (RFC 6901), such as
    /// `/events/camera_in`.
    ///
    /// The pointer refers to the text that the filter's `Display` writes.
    pub fn pointer(&self) -> &str {
        &self.pointer
    }

    /// Returns whether the notification satisfies this key, combinator, clause or group.
    ///
    /// A `not` holds if its clause does not hold. Its children are the verdicts on the parts of
    /// that clause, without the negation.
    pub fn holds(&self) -> bool {
        self.holds
    }

    /// Returns the key's value in the filter, in normal form.
    ///
    /// Returns `None` for combinators, clauses and groups, which have [`children`](Self::children)
    /// instead.
    ///
    /// ```
    /// use recohook::{Filter, Notification, attribute::Values};
    /// use recohook::findface::security::{Event, FILTERS};
    /// use recohook::filter::AttributeValue;
    ///
    /// let filter = Filter::parse(r#"{"events": {"camera_in": [7, 3]}}"#, &FILTERS)?;
    /// let event = Event::new("42").camera(4);
    /// let mut values = Values::new();
    /// values.reset(event.schema());
    /// event.attributes(&mut values);
    /// let explanation = filter.explain(&values);
    /// let verdict = &explanation.verdicts().expect("the section is on")[0];
    /// assert_eq!(verdict.expected(), Some(&recohook::serde_json::json!([3, 7])));
    /// assert_eq!(verdict.actual(), Some(&AttributeValue::Int(4)));
    /// # Ok::<(), recohook::filter::FilterError>(())
    /// ```
    pub fn expected(&self) -> Option<&Value> {
        self.expected.as_ref()
    }

    /// Returns the name of the attribute that the key tests. Returns `None` for combinators,
    /// clauses and groups.
    pub fn attribute(&self) -> Option<&'static str> {
        self.attribute
    }

    /// Returns the value of the attribute that the key tests. Returns `None` for combinators,
    /// clauses and groups. If the attribute is null, the value states why, as far as it is known.
    pub fn actual(&self) -> Option<&AttributeValue> {
        self.actual.as_ref()
    }

    /// Returns the verdicts on the parts.
    ///
    /// The parts are the clauses of an `all` or `any`, the keys and combinators of a clause or of
    /// the clause in a `not`, and the member keys of a group. A key with a value has no parts.
    ///
    /// ```
    /// # use recohook::{Filter, Notification, attribute::Values};
    /// # use recohook::openbiometrics::{Event, EventType, FILTERS};
    /// let filter = Filter::parse(r#"{"not": {"camera_id_prefix": "test-"}}"#, &FILTERS)?;
    /// let event = Event::new("evt_1", EventType::LineCrossed, "2026-03-19T10:32:15Z")
    ///     .camera_id("test-3");
    /// let mut values = Values::new();
    /// values.reset(event.schema());
    /// event.attributes(&mut values);
    /// let explanation = filter.explain(&values);
    /// let not = &explanation.verdicts().expect("there is only one section")[0];
    /// assert!(!not.holds());
    /// assert!(not.children()[0].holds(), "camera_id is \"test-3\"");
    /// # Ok::<(), recohook::filter::FilterError>(())
    /// ```
    pub fn children(&self) -> &[Self] {
        &self.children
    }
}

/// Creates the verdicts on one section for the values of one notification.
///
/// The explainer compiles each part and runs it with the evaluator instead of interpreting the
/// tree. Therefore a verdict cannot differ from the result of
/// [`Filter::matches`](super::Filter::matches). This is slow, but explanations are meant for
/// people.
struct Explainer<'a> {
    section: &'static Section,
    values: &'a Values,
}

impl Explainer<'_> {
    /// Returns whether a filter with only this clause would match.
    fn holds(&self, clause: &Clause) -> bool {
        // A clause that contradicts itself has no program and matches nothing.
        let program = Program::compile(self.section.schema(), clause);
        program.is_some_and(|program| program.matches(self.values))
    }

    /// Returns the verdicts on the keys of a clause, followed by the verdicts on its combinators.
    /// This is the order in which a clause is written.
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
            // A `not` has only one clause, so the `not` and its clause have the same pointer.
            verdicts.push(Verdict::combining(&pointer, holds, self.clause(clause, &pointer)));
        }
        verdicts
    }

    /// Returns the verdicts on the clauses of an `all` or `any`.
    fn each(&self, clauses: &[Clause], pointer: &Pointer<'_>) -> Vec<Verdict> {
        let clauses = clauses.iter().enumerate();
        let verdicts = clauses.map(|(i, clause)| {
            let pointer = pointer.item(i);
            Verdict::combining(&pointer, self.holds(clause), self.clause(clause, &pointer))
        });
        verdicts.collect()
    }

    /// Returns the verdict on a key that is present in the clause.
    fn key(&self, clause: &Clause, key: &Key, pointer: &Pointer<'_>) -> Verdict {
        let name = self.section.key_name(key);
        let pointer = pointer.member(&name);
        // For a group, this tests only whether its attribute is present. The members of the group
        // are tested separately.
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
    /// Creates the verdict on a combinator, clause or group. Such a verdict has no value of its
    /// own.
    fn combining(pointer: &Pointer<'_>, holds: bool, children: Vec<Self>) -> Self {
        let pointer = pointer.to_string();
        Self { pointer, holds, expected: None, attribute: None, actual: None, children }
    }
}

impl AttributeValue {
    /// Copies the value of an attribute of the given kind.
    fn by(values: &Values, id: AttributeId, kind: AttributeKind) -> Self {
        if !values.is_present(id) {
            return match values.unread(id) {
                None => Self::Nothing,
                Some(Unread::EmptyList) => Self::EmptyList,
                Some(Unread::OtherType(found)) => {
                    Self::OtherType { found, expected: kind.to_string() }
                }
                Some(Unread::OtherKind) => Self::OtherKind,
            };
        }
        let number = |bits: &i64| f64::from_bits(bits.cast_unsigned());
        match kind {
            AttributeKind::Bool => Self::Bool(values.choice_at(id) == 1),
            // A name outside the choice is stored as the index after the last name.
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
        f.write_str(if self.matches { "match: " } else { "no match: " })?;
        match (self.topic, &self.verdicts) {
            (None, _) => writeln!(f, "the values were not reset to a schema"),
            (Some(topic), None) => writeln!(f, "the filter has no section for \"{topic}\""),
            (Some(topic), Some(verdicts)) => {
                writeln!(f, "\"{topic}\"")?;
                verdicts.iter().try_for_each(|verdict| verdict.write(f, 1))
            }
        }
    }
}

impl Verdict {
    /// Writes one line for the verdict, then the lines of its children, indented by two more
    /// spaces.
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
            Self::EmptyList => f.write_str("an empty list"),
            Self::OtherType { found, expected } => write!(f, "{found}, not {expected}"),
            Self::OtherKind => f.write_str("not read in notifications of this kind"),
            Self::Bool(value) => write!(f, "{value}"),
            Self::Name(name) => write!(f, "{name:?}"),
            Self::OtherName => f.write_str("some other name"),
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

/// Writes a value from a filter on one line. Only the beginning of a long list is shown.
struct Abbreviated<'a>(&'a Value);

impl fmt::Display for Abbreviated<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        /// The maximum number of list items that are shown.
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
