use super::{EVENTS, profile};
use crate::{
    dialect::findface::{Registration, Webhooks},
    filter::{Key, Section, Table},
};

/// The filter keys of FindFace Security 2019. They are at the top level, because there are no
/// sections.
///
/// The keys are documented. It is also documented that a list matches any of its values, that `[]`
/// matches nothing, and that all keys must match. According to the page, `{}` means "all matched
/// events" in one passage and "each event" in another. Here it means every event, as in 2020. It is
/// inferred that even a single id must be written as a list.
///
/// ```
/// use recohook::{Filter, findface::security_2019};
///
/// let text = r#"{"camera_group_in":[1,3],"matched_dossier_in":[12,25]}"#;
/// let filter = Filter::parse(text, &security_2019::FILTERS)?;
/// assert_eq!(filter.to_string(), text);
/// # Ok::<(), recohook::filter::FilterError>(())
/// ```
pub static FILTERS: Table = Table::flat(&SECTION)
    // The name of FindFace Multi.
    .with_renamed(&[("matched_card_in", &["matched_dossier_in"])]);

/// Creates a registry for the REST API of a FindFace Security 2019 server. See [`Webhooks`] for an
/// example.
pub fn webhooks() -> Webhooks<Registration> {
    Webhooks::new(&FILTERS, profile())
}

static SECTION: Section = Section::new(
    "events",
    &EVENTS,
    &[
        // The host sets this attribute, because it is not in the documented body.
        Key::one_of("camera_group_in", EVENTS.expect("camera_group")),
        Key::one_of("matched_dossier_in", EVENTS.expect("matched_dossier")),
        Key::is("matched", EVENTS.expect("matched")),
        Key::one_of("camera_in", EVENTS.expect("camera")),
    ],
);
