use std::borrow::Cow;

use super::{
    ast::{Clause, NormalForm, Operand},
    error::{FilterError, Hint},
    key::Key,
    operand::operand,
    pointer::Pointer,
    read::{JsonValue, read, read_unlimited},
    suggest::{hint, meant},
    table::{KeySet, Section, Table},
};
use crate::base::Limits;

/// Parses a filter for `table` within the limits.
///
/// # Errors
/// Returns an error if the text is not JSON, exceeds a limit or is not a valid filter. Syntax and
/// limits are checked first. If there are several other errors, the first one in the text is
/// returned.
pub(super) fn parse(
    text: &[u8],
    table: &'static Table,
    limits: &Limits,
) -> Result<NormalForm, FilterError> {
    form(read(text, limits)?, table)
}

/// Parses text that [`NormalForm::to_text`] wrote for a form with the same table. Such text is
/// always valid.
pub(super) fn parse_written(text: &str, table: &'static Table) -> Option<NormalForm> {
    form(read_unlimited(text)?, table).ok()
}

/// Converts JSON into a normal form.
fn form(value: JsonValue, table: &'static Table) -> Result<NormalForm, FilterError> {
    let top = Pointer::ROOT;
    // A flat table has exactly one section.
    if let (true, [section]) = (table.is_flat(), table.sections()) {
        let clause = clause(value, &top, section, table)?;
        return Ok(NormalForm { table, clauses: vec![Some(Box::new(clause))] });
    }
    let members = object(value, &top, "an object with sections")?;
    // `{}` matches everything, while any other object switches off the sections that it does not
    // name.
    if members.is_empty() {
        return Ok(NormalForm::everything(table));
    }
    let mut clauses = vec![None; table.sections().len()];
    for (name, value) in members {
        let pointer = top.member(&name);
        let at = table
            .sections()
            .iter()
            .position(|section| section.name() == name)
            .ok_or_else(|| unknown_section(table, &name, &pointer))?;
        if clauses[at].is_some() {
            return Err(FilterError::Duplicate { pointer: pointer.to_string() });
        }
        clauses[at] = Some(Box::new(clause(value, &pointer, &table.sections()[at], table)?));
    }
    Ok(NormalForm { table, clauses })
}

/// Converts an object into a clause for `section`. `table` is needed only for the hints in errors.
fn clause(
    value: JsonValue,
    pointer: &Pointer<'_>,
    section: &'static Section,
    table: &'static Table,
) -> Result<Clause, FilterError> {
    let mut read = Clause::default();
    for (name, value) in object(value, pointer, "an object with filter keys")? {
        let pointer = pointer.member(&name);
        // Most JSON parsers keep only the last of several members with the same name. The author
        // would not notice that the other members are ignored, so a repeated name is an error.
        let once = |is_repeated: bool| match is_repeated {
            true => Err(FilterError::Duplicate { pointer: pointer.to_string() }),
            false => Ok(()),
        };
        match name.as_str() {
            "all" if section.is_native() => {
                once(read.all.is_some())?;
                read.all = Some(clauses(value, &pointer, section, table)?);
            }
            "any" if section.is_native() => {
                once(read.any.is_some())?;
                read.any = Some(clauses(value, &pointer, section, table)?);
            }
            "not" if section.is_native() => {
                once(read.not.is_some())?;
                read.not = Some(Box::new(clause(value, &pointer, section, table)?));
            }
            _ => {
                let key = section
                    .key(&name)
                    .ok_or_else(|| unknown_key(table, section, &name, &pointer))?;
                once(read.operand(&key).is_some())?;
                if key.is_group() {
                    group(value, &pointer, section, &key, &mut read)?;
                } else {
                    let operand = operand(value, &pointer, &key, section.kind(&key))?;
                    read.add(&key, operand);
                }
            }
        }
    }
    // A form can have thousands of clauses, each with only one or two keys, so spare capacity would
    // add up.
    read.conditions.shrink_to_fit();
    Ok(read)
}

/// Converts a list of objects into the clauses of an `all` or `any`.
fn clauses(
    value: JsonValue,
    pointer: &Pointer<'_>,
    section: &'static Section,
    table: &'static Table,
) -> Result<Vec<Clause>, FilterError> {
    let items = list(value, pointer, "a list of objects with filter keys")?.into_iter().enumerate();
    items.map(|(i, value)| clause(value, &pointer.item(i), section, table)).collect()
}

/// Adds the keys in a group's object to the clause around the group.
fn group(
    value: JsonValue,
    pointer: &Pointer<'_>,
    section: &'static Section,
    key: &Key,
    clause: &mut Clause,
) -> Result<(), FilterError> {
    // No member has the same attribute and operator as a key around the group, so the members can
    // be stored in the same flat clause. The group itself becomes the condition that its attribute
    // is present.
    clause.add(key, Operand::Is(true));
    for (name, value) in object(value, pointer, "an object with filter keys")? {
        let pointer = pointer.member(&name);
        let member =
            key.members().iter().find(|member| member.name() == name).ok_or_else(|| {
                let known = key.members().iter().map(|member| member.name().into());
                FilterError::UnknownKey { pointer: pointer.to_string(), hint: hint(&name, known) }
            })?;
        if clause.operand(member).is_some() {
            return Err(FilterError::Duplicate { pointer: pointer.to_string() });
        }
        clause.add(member, operand(value, &pointer, member, section.kind(member))?);
    }
    Ok(())
}

/// Returns the members of an object, or an error that states what was `expected`.
fn object(
    value: JsonValue,
    pointer: &Pointer<'_>,
    expected: &str,
) -> Result<Vec<(String, JsonValue)>, FilterError> {
    match value {
        JsonValue::Object(members) => Ok(members),
        other => Err(FilterError::wrong_type(&other, pointer, expected)),
    }
}

/// Returns the items of a list, or an error that states what was `expected`.
fn list(
    value: JsonValue,
    pointer: &Pointer<'_>,
    expected: &str,
) -> Result<Vec<JsonValue>, FilterError> {
    match value {
        JsonValue::List(items) => Ok(items),
        other => Err(FilterError::wrong_type(&other, pointer, expected)),
    }
}

/// Creates the error for an unknown section. Authors often forget the section around a key, so the
/// sections that have a key with this name are a better hint than a section with a similar name.
fn unknown_section(table: &'static Table, name: &str, pointer: &Pointer<'_>) -> FilterError {
    let known = table.sections().iter().map(|section| section.name().into());
    let sections = table.sections().iter().filter(|section| section.key(name).is_some());
    let sections = Vec::from_iter(sections.map(Section::name));
    let hint = match table.renamed(name) {
        Some(names) => Hint::Renamed(names),
        None if sections.is_empty() => hint(name, known),
        None => Hint::KeyOf(sections),
    };
    FilterError::UnknownSection { pointer: pointer.to_string(), hint }
}

/// Creates the error for an unknown key, with the hint that is most likely to help.
fn unknown_key(
    table: &'static Table,
    section: &'static Section,
    name: &str,
    pointer: &Pointer<'_>,
) -> FilterError {
    let pointer = pointer.to_string();
    if let Some(attribute) = section.unsuited(name) {
        let keys = Section::native_names(attribute).collect();
        return FilterError::UnsuitedKey { pointer, kind: attribute.kind(), keys };
    }
    let renamed =
        table.renamed(name).filter(|names| names.iter().all(|n| section.key(n).is_some()));
    let names = Vec::from_iter(section.names());
    let hint = match (renamed, combinator(section, name), meant(name, &names), section.key_set()) {
        (Some(names), ..) => Hint::Renamed(names),
        (_, Some(combinator), ..) => Hint::Nearest(combinator),
        (_, _, Some(meant), _) => meant,
        // The name may be a key of another section, but that section is about another subject.
        (_, _, None, KeySet::Listed(_)) => Hint::Known(names),
        // A list of all keys would be too long. The names of the attributes are enough to derive
        // the keys.
        (_, _, None, KeySet::Native) => {
            let attributes = section.schema().attributes().iter();
            Hint::Known(attributes.map(|attribute| attribute.name().into()).collect())
        }
    };
    FilterError::UnknownKey { pointer, hint }
}

/// Returns the combinator that goes by this name in other languages. Judged by spelling alone, the
/// name nearest to `and` would be `any`.
fn combinator(section: &Section, name: &str) -> Option<Cow<'static, str>> {
    match name.to_lowercase().as_str() {
        "and" if section.is_native() => Some("all".into()),
        "or" if section.is_native() => Some("any".into()),
        _ => None,
    }
}
