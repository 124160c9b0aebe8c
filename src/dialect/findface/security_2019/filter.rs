use super::{EVENTS, profile};
use crate::{
    dialect::findface::{Registration, Webhooks},
    filter::{Key, Section, Table},
};

/// The filter keys of FindFace Security 2019. They stand at the top: there are no sections.
///
/// The keys are documented, and that a list passes on any of its values, `[]` on nothing, and
/// that all keys must pass. The page says "all matched events" of `{}` in one place and "each
/// event" in another: here it is every event, as in 2020. That several ids and one alike are
/// written as a list is inferred.
///
/// ```
/// use recohook::{Filter, findface::security_2019};
///
/// let text = r#"{"camera_group_in":[1,3],"matched_dossier_in":[12,25]}"#;
/// let filter = Filter::parse(text, &security_2019::FILTERS)?;
/// assert_eq!(filter.to_string(), text);
/// # Ok::<(), recohook::filter::FilterError>(())
/// ```
pub static FILTERS: Table = Table::flat(&SECTION);

/// Returns the registry behind the REST API of a FindFace Security 2019.
pub fn webhooks() -> Webhooks<Registration> {
    Webhooks::new(&FILTERS, profile())
}

static SECTION: Section = Section::new(
    "events",
    &EVENTS,
    &[
        Key::one_of("camera_group_in", EVENTS.expect("camera_group")),
        Key::one_of("matched_dossier_in", EVENTS.expect("matched_dossier")),
        Key::is("matched", EVENTS.expect("matched")),
        Key::one_of("camera_in", EVENTS.expect("camera")),
    ],
);
