use std::{collections::HashSet, fmt, ptr};

use super::{
    ast::{Clause, Condition, NormalForm, Operand},
    conflict::conflict,
    error::{Excerpt, Hint},
    operator::Operator,
    pointer::Pointer,
    program::Program,
    table::{Section, Table},
};

/// A warning about a part of a filter that its author probably did not intend.
///
/// Warnings are returned by [`Filter::lint`](super::Filter::lint). A filter with warnings is valid
/// and matches exactly what it says. `Display` writes a one-line message for the author.
///
/// ```
/// use recohook::{Filter, filter::WarningKind, findface::security::FILTERS};
///
/// let text = r#"{"events": {"camera_in": []}, "counters": {"faces_gte": 3, "faces_lte": 2}}"#;
/// let warnings = Filter::parse(text, &FILTERS)?.lint();
/// let lines: Vec<_> = warnings.iter().map(|warning| warning.to_string()).collect();
/// assert_eq!(
///     lines[0],
///     "at /events/camera_in: an empty list matches nothing; to switch the key off, remove it",
/// );
/// assert_eq!(lines[1], "at /events: nothing passes");
/// assert_eq!(lines[2], "at /counters/faces_gte: no value passes this and /counters/faces_lte");
/// # Ok::<(), recohook::filter::FilterError>(())
/// ```
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Warning {
    pointer: String,
    kind: WarningKind,
}

/// The kind of a [`Warning`].
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum WarningKind {
    /// The key has an empty list of values or prefixes, so it never holds.
    EmptyList,
    /// No value satisfies both this key and the keys at these JSON Pointers.
    Contradiction(Vec<String>),
    /// No notification satisfies this key, combinator or section, or the whole filter.
    MatchesNothing,
    /// The combinator always holds, so it can be removed.
    NoEffect,
    /// The list of values to exclude is empty, so the key only requires that the attribute has a
    /// value.
    NothingExcluded,
    /// The value is not one of the [known values](Table::with_known_values) of its attribute. The
    /// key may never hold.
    UnknownValue {
        /// The value in the filter, shortened to 80 characters.
        value: String,
        /// A suggested correction.
        hint: Hint,
    },
}

impl Warning {
    /// Returns the position in the filter as a JSON Pointer (RFC 6901). The pointer is empty if the
    /// warning is about the whole filter.
    ///
    /// The pointer refers to the text that the filter's `Display` writes.
    pub fn pointer(&self) -> &str {
        &self.pointer
    }

    /// Returns the kind of the warning.
    ///
    /// ```
    /// use recohook::{Filter, filter::WarningKind, openbiometrics::FILTERS};
    ///
    /// let filter = Filter::parse(r#"{"similarity_gte": 0.9, "similarity_lt": 0.5}"#, &FILTERS)?;
    /// let warning = &filter.lint()[0];
    /// assert_eq!(warning.pointer(), "/similarity_gte");
    /// assert_eq!(warning.kind(), &WarningKind::Contradiction(vec!["/similarity_lt".to_owned()]));
    /// # Ok::<(), recohook::filter::FilterError>(())
    /// ```
    pub fn kind(&self) -> &WarningKind {
        &self.kind
    }
}

/// Returns the warnings about a filter. The warnings about its sections come first, in the order of
/// the table, followed by the warnings about the whole filter.
pub(super) fn lint(form: &NormalForm) -> Vec<Warning> {
    let mut linter = Linter { table: form.table, warnings: Vec::new() };
    let (top, flat) = (Pointer::ROOT, form.table.is_flat());
    let mut sections = 0;
    let mut never = 0;
    for (section, clause) in form.sections() {
        let pointer = if flat { top } else { top.member(section.name()) };
        sections += 1;
        if linter.clause(section, clause, &pointer) {
            never += 1;
            // The only section of a flat table is the whole filter, which is reported below.
            if !flat {
                linter.warn(&pointer, WarningKind::MatchesNothing);
            }
        }
    }
    // At least one section is on, unless the table is empty. A filter for an empty table matches
    // nothing either.
    if sections == never {
        linter.warn(&top, WarningKind::MatchesNothing);
    }
    linter.warnings
}

/// The warnings that have been collected so far.
struct Linter {
    table: &'static Table,
    warnings: Vec<Warning>,
}

/// A condition and its position, gathered from clauses that must all hold.
struct LocatedCondition<'a> {
    condition: &'a Condition,
    pointer: String,
    /// The number of the clause that contains the condition: 0 for the outermost clause, and 1 or
    /// more for the clauses in its `all`. A clause that is nested more deeply has the number of the
    /// clause around it.
    part: usize,
}

impl Linter {
    /// Adds a warning.
    fn warn(&mut self, pointer: &Pointer<'_>, kind: WarningKind) {
        self.warnings.push(Warning { pointer: pointer.to_string(), kind });
    }

    /// Adds the warnings about a clause and the clauses in it. Returns whether the clause is known
    /// to match nothing.
    fn clause(
        &mut self,
        section: &'static Section,
        clause: &Clause,
        pointer: &Pointer<'_>,
    ) -> bool {
        self.keys(section, clause, pointer);
        let always =
            |clause: &Clause| program(section, clause).is_some_and(|one| one.matches_everything());
        for (name, clauses) in [("all", &clause.all), ("any", &clause.any)] {
            let pointer = pointer.member(name);
            // A clause that matches nothing is reported only at its own position, because the other
            // clauses of an `any` may match.
            for (i, clause) in clauses.iter().flatten().enumerate() {
                self.clause(section, clause, &pointer.item(i));
            }
            match (name, clauses) {
                ("any", Some(clauses)) if clauses.is_empty() => {
                    self.warn(&pointer, WarningKind::MatchesNothing)
                }
                ("any", Some(clauses)) if clauses.iter().any(always) => {
                    self.warn(&pointer, WarningKind::NoEffect);
                }
                ("all", Some(clauses)) if clauses.iter().all(always) => {
                    self.warn(&pointer, WarningKind::NoEffect);
                }
                _ => {}
            }
        }
        if let Some(not) = &clause.not {
            let pointer = pointer.member("not");
            let never = self.clause(section, not, &pointer);
            match never {
                // If its clause matches nothing, the `not` always holds.
                true => self.warn(&pointer, WarningKind::NoEffect),
                false if always(not) => self.warn(&pointer, WarningKind::MatchesNothing),
                false => {}
            }
        }
        program(section, clause).is_none()
    }

    /// Adds the warnings about the keys of a clause, both individually and in combination with the
    /// keys of the clauses in its `all`.
    fn keys(&mut self, section: &'static Section, clause: &Clause, pointer: &Pointer<'_>) {
        let mut located = Vec::new();
        gather(section, clause, pointer, &mut 0, None, &mut located);
        // The keys of the other parts are reported when `clause` visits those parts.
        for one in located.iter().filter(|one| one.part == 0) {
            let kind = match one.condition.operator {
                Operator::In | Operator::Prefix => WarningKind::EmptyList,
                _ => WarningKind::NothingExcluded,
            };
            if one.condition.operand.is_empty() {
                self.warnings.push(Warning { pointer: one.pointer.clone(), kind });
            }
            self.values(section, one);
        }
        located.sort_by_key(|one| one.condition.attribute);
        for group in located.chunk_by(|a, b| a.condition.attribute == b.condition.attribute) {
            let conditions: Vec<_> = group.iter().map(|one| one.condition).collect();
            let conflicting = conflict(section.schema(), &conditions).unwrap_or_default();
            // Conditions are compared by address, because several clauses can contain equal
            // conditions. A set keeps the work linear.
            let conflicting: HashSet<_> = conflicting.into_iter().map(ptr::from_ref).collect();
            let mut conflicting =
                group.iter().filter(|one| conflicting.contains(&ptr::from_ref(one.condition)));
            let Some(first) = conflicting.next() else { continue };
            let rest: Vec<_> = conflicting.collect();
            // A conflict within a single clause of the `all` is reported when that clause is
            // visited.
            let is_here = first.part == 0 || rest.iter().any(|one| one.part != first.part);
            let kind = if rest.is_empty() {
                WarningKind::MatchesNothing
            } else {
                WarningKind::Contradiction(rest.iter().map(|one| one.pointer.clone()).collect())
            };
            // An empty list already has its own warning.
            if is_here && !first.condition.operand.is_empty() {
                self.warnings.push(Warning { pointer: first.pointer.clone(), kind });
            }
        }
    }
}

impl Linter {
    /// Adds the warnings about the values of a condition that its attribute is not known to have.
    fn values(&mut self, section: &'static Section, one: &LocatedCondition<'_>) {
        let (Operand::Texts(texts), false) =
            (&one.condition.operand, one.condition.operator == Operator::Prefix)
        else {
            return;
        };
        let attribute = section.schema().attributes()[one.condition.attribute.index()].name();
        let is_list = matches!(one.condition.operator, Operator::In | Operator::NotIn);
        for (i, text) in texts.iter().enumerate() {
            let Some(hint) = self.table.unknown_value(attribute, text) else { continue };
            let pointer =
                if is_list { format!("{}/{i}", one.pointer) } else { one.pointer.clone() };
            let kind = WarningKind::UnknownValue { value: Excerpt(text).to_string(), hint };
            self.warnings.push(Warning { pointer, kind });
        }
    }
}

/// Compiles a clause. Returns `None` if the clause cannot match anything.
fn program(section: &Section, clause: &Clause) -> Option<Program> {
    Program::compile(section.schema(), clause)
}

/// Appends all conditions of a clause and of the clauses in its `all` to `located`.
///
/// `part` is the number of the part that the clause belongs to, or `None` for the outermost clause.
/// `parts` is the highest number that has been assigned to a part so far.
fn gather<'a>(
    section: &'static Section,
    clause: &'a Clause,
    pointer: &Pointer<'_>,
    parts: &mut usize,
    part: Option<usize>,
    located: &mut Vec<LocatedCondition<'a>>,
) {
    for key in clause.keys(section) {
        let name = section.key_name(&key);
        let pointer = pointer.member(&name);
        // A group has a condition of its own: its attribute must be present.
        let members = key.members().iter().map(|member| (member, pointer.member(member.name())));
        for (key, pointer) in std::iter::once((&key, pointer)).chain(members) {
            if let Some(condition) = clause.condition(key) {
                let part = part.unwrap_or(0);
                located.push(LocatedCondition { condition, pointer: pointer.to_string(), part });
            }
        }
    }
    let pointer = pointer.member("all");
    for (i, clause) in clause.all.iter().flatten().enumerate() {
        // Only the clauses in the outermost `all` form parts of their own.
        *parts += usize::from(part.is_none());
        let part = part.unwrap_or(*parts);
        gather(section, clause, &pointer.item(i), parts, Some(part), located);
    }
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.pointer.as_str() {
            "" => f.write_str("the whole filter: ")?,
            pointer => write!(f, "at {pointer}: ")?,
        }
        match &self.kind {
            WarningKind::EmptyList => {
                f.write_str("an empty list matches nothing; to switch the key off, remove it")
            }
            WarningKind::Contradiction(with) => {
                /// The maximum number of other keys that are shown, because there can be thousands.
                const SHOWN: usize = 3;
                f.write_str("no value passes this")?;
                with.iter().take(SHOWN).try_for_each(|pointer| write!(f, " and {pointer}"))?;
                match with.len().saturating_sub(SHOWN) {
                    0 => Ok(()),
                    more => write!(f, " and {more} more"),
                }
            }
            WarningKind::MatchesNothing => f.write_str("nothing passes"),
            WarningKind::NoEffect => f.write_str("everything passes; it can be removed"),
            WarningKind::NothingExcluded => {
                f.write_str("an empty list excludes nothing; the key only requires a value")
            }
            WarningKind::UnknownValue { value, hint } => {
                write!(f, "\"{value}\" is not a documented value{hint}")
            }
        }
    }
}
