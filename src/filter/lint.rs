use std::{collections::HashSet, fmt, ptr};

use super::{
    ast::{Clause, Condition, NormalForm},
    conflict::conflict,
    key::Operator,
    pointer::Pointer,
    program::Program,
    table::Section,
};

/// What a person who wrote a filter may not have meant.
///
/// ```
/// use recohook::{Filter, filter::WarningKind, findface::security::FILTERS};
///
/// let text = r#"{"events": {"camera_in": []}, "counters": {"faces_gte": 3, "faces_lte": 2}}"#;
/// let warnings = Filter::parse(text, &FILTERS)?.lint();
/// let lines: Vec<_> = warnings.iter().map(|warning| warning.to_string()).collect();
/// assert_eq!(lines[0], "at /events/camera_in: an empty list matches nothing; to switch the key off, remove it");
/// assert_eq!(lines[1], "at /events: nothing passes");
/// assert_eq!(lines[2], "at /counters/faces_gte: no value passes this and /counters/faces_lte");
/// # Ok::<(), recohook::filter::FilterError>(())
/// ```
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Warning {
    pointer: String,
    kind: WarningKind,
}

/// What a [`Warning`] is about.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum WarningKind {
    /// A list of no values to be one of: nothing is.
    EmptyList,
    /// No value passes this key and those at these places.
    Contradiction(Vec<String>),
    /// Nothing passes here: a key, a clause, a section, or the whole filter.
    MatchesNothing,
    /// Everything passes here, so that it need not stand.
    NoEffect,
    /// A list of no values to be none of: what has a value passes, what has none does not.
    NothingExcluded,
}

impl Warning {
    /// The place in the filter, as a JSON Pointer (RFC 6901) into what it displays; empty for the
    /// whole filter.
    pub fn pointer(&self) -> &str {
        &self.pointer
    }

    /// What it is about.
    pub fn kind(&self) -> &WarningKind {
        &self.kind
    }
}

pub(super) fn lint(form: &NormalForm) -> Vec<Warning> {
    let mut linter = Linter { warnings: Vec::new() };
    let (top, flat) = (Pointer::ROOT, form.table.is_flat());
    let mut sections = 0;
    let mut never = 0;
    for (section, clause) in form.sections() {
        let pointer = if flat { top } else { top.member(section.name()) };
        sections += 1;
        if linter.clause(section, clause, &pointer) {
            never += 1;
            if !flat {
                linter.warn(&pointer, WarningKind::MatchesNothing);
            }
        }
    }
    if sections == never {
        linter.warn(&top, WarningKind::MatchesNothing);
    }
    linter.warnings
}

struct Linter {
    warnings: Vec<Warning>,
}

/// A condition, where it stands, and in which of the clauses that are looked at together.
struct LocatedCondition<'a> {
    condition: &'a Condition,
    pointer: String,
    part: usize,
}

impl Linter {
    fn warn(&mut self, pointer: &Pointer<'_>, kind: WarningKind) {
        self.warnings.push(Warning { pointer: pointer.to_string(), kind });
    }

    /// Looks through a clause, and says whether nothing can pass it.
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
                true => self.warn(&pointer, WarningKind::NoEffect),
                false if always(not) => self.warn(&pointer, WarningKind::MatchesNothing),
                false => {}
            }
        }
        program(section, clause).is_none()
    }

    /// Looks at the keys of a clause, and at them together with those that are ANDed to it.
    fn keys(&mut self, section: &'static Section, clause: &Clause, pointer: &Pointer<'_>) {
        let mut located = Vec::new();
        gather(section, clause, pointer, &mut 0, None, &mut located);
        for one in located.iter().filter(|one| one.part == 0) {
            let kind = match one.condition.operator {
                Operator::In | Operator::Prefix => WarningKind::EmptyList,
                _ => WarningKind::NothingExcluded,
            };
            if one.condition.operand.is_empty() {
                self.warnings.push(Warning { pointer: one.pointer.clone(), kind });
            }
        }
        located.sort_by_key(|one| one.condition.attribute);
        for group in located.chunk_by(|a, b| a.condition.attribute == b.condition.attribute) {
            let conditions: Vec<_> = group.iter().map(|one| one.condition).collect();
            let conflicting = conflict(section.schema(), &conditions).unwrap_or_default();
            let conflicting: HashSet<_> = conflicting.into_iter().map(ptr::from_ref).collect();
            let mut conflicting =
                group.iter().filter(|one| conflicting.contains(&ptr::from_ref(one.condition)));
            let Some(first) = conflicting.next() else { continue };
            let rest: Vec<_> = conflicting.collect();
            // What stands in one of the clauses alone is told there.
            let is_here = first.part == 0 || rest.iter().any(|one| one.part != first.part);
            let kind = if rest.is_empty() {
                WarningKind::MatchesNothing
            } else {
                WarningKind::Contradiction(rest.iter().map(|one| one.pointer.clone()).collect())
            };
            if is_here && !first.condition.operand.is_empty() {
                self.warnings.push(Warning { pointer: first.pointer.clone(), kind });
            }
        }
    }
}

fn program(section: &Section, clause: &Clause) -> Option<Program> {
    Program::compile(section.schema(), clause)
}

/// All conditions of a clause and of those that are ANDed to it. Part 0 is the clause itself, the
/// others are the clauses of its `all`.
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
                f.write_str("an empty list excludes nothing; the key asks only for a value")
            }
        }
    }
}
