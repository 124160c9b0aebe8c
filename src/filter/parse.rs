use std::borrow::Cow;

use super::{
    ast::{Clause, NormalForm, Operand},
    error::{FilterError, Hint},
    key::Key,
    operand::operand,
    pointer::Pointer,
    read::{JsonValue, read, read_unlimited},
    suggest::{hint, nearest},
    table::{KeySet, Section, Table},
};
use crate::base::Limits;

/// Reads a filter of `table`. An error is the first in the order of the text.
pub(super) fn parse(
    text: &[u8],
    table: &'static Table,
    limits: &Limits,
) -> Result<NormalForm, FilterError> {
    form(read(text, limits)?, table)
}

/// Reads what [`NormalForm::to_text`] wrote: it is always a filter of its table.
pub(super) fn parse_written(text: &str, table: &'static Table) -> Option<NormalForm> {
    form(read_unlimited(text)?, table).ok()
}

fn form(value: JsonValue, table: &'static Table) -> Result<NormalForm, FilterError> {
    let top = Pointer::ROOT;
    if let (true, [section]) = (table.is_flat(), table.sections()) {
        let clause = clause(value, &top, section, table)?;
        return Ok(NormalForm { table, clauses: vec![Some(Box::new(clause))] });
    }
    let members = object(value, &top, "an object of sections")?;
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

fn clause(
    value: JsonValue,
    pointer: &Pointer<'_>,
    section: &'static Section,
    table: &'static Table,
) -> Result<Clause, FilterError> {
    let mut read = Clause::default();
    for (name, value) in object(value, pointer, "an object of filter keys")? {
        let pointer = pointer.member(&name);
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
    // Filters are kept, by the hundred thousand.
    read.conditions.shrink_to_fit();
    Ok(read)
}

fn clauses(
    value: JsonValue,
    pointer: &Pointer<'_>,
    section: &'static Section,
    table: &'static Table,
) -> Result<Vec<Clause>, FilterError> {
    let items = list(value, pointer, "a list of objects of filter keys")?.into_iter().enumerate();
    items.map(|(i, value)| clause(value, &pointer.item(i), section, table)).collect()
}

/// The keys in the object that is the value of a group, beside those around it.
fn group(
    value: JsonValue,
    pointer: &Pointer<'_>,
    section: &'static Section,
    key: &Key,
    clause: &mut Clause,
) -> Result<(), FilterError> {
    clause.add(key, Operand::Is(true));
    for (name, value) in object(value, pointer, "an object of filter keys")? {
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

fn unknown_section(table: &'static Table, name: &str, pointer: &Pointer<'_>) -> FilterError {
    let known = table.sections().iter().map(|section| section.name().into());
    let hint = key_of(table, name).unwrap_or_else(|| hint(name, known));
    FilterError::UnknownSection { pointer: pointer.to_string(), hint }
}

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
    let near = combinator(section, name).or_else(|| nearest(name, section.names()));
    let hint = match (near, section.key_set()) {
        (Some(near), _) => Hint::Nearest(near),
        (None, KeySet::Listed(_)) => {
            key_of(table, name).unwrap_or_else(|| Hint::Known(section.names().collect()))
        }
        // All the keys would be too many; they follow from the attributes.
        (None, KeySet::Native) => {
            let attributes = section.schema().attributes().iter();
            Hint::Known(attributes.map(|attribute| attribute.name().into()).collect())
        }
    };
    FilterError::UnknownKey { pointer, hint }
}

/// What other languages call a combinator by this name. By its letters alone, `and` would be `any`.
fn combinator(section: &Section, name: &str) -> Option<Cow<'static, str>> {
    match name.to_lowercase().as_str() {
        "and" if section.is_native() => Some("all".into()),
        "or" if section.is_native() => Some("any".into()),
        _ => None,
    }
}

/// The section that has a key of this name, if there is one: it stands in the wrong place.
fn key_of(table: &'static Table, name: &str) -> Option<Hint> {
    let mut sections = table.sections().iter();
    let section = sections.find(|section| section.key(name).is_some())?;
    Some(Hint::KeyOf(section.name()))
}
