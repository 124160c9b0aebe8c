use super::{EVENTS, schema::events as attribute};
use crate::raw::{Format, Id, Member, Topic};

/// The JSON of events, for gateways: see [`raw`](crate::raw).
///
/// It has no camera group: a gateway that knows it tells it beside the bytes, with
/// [`values_mut`](crate::raw::RawNotification::values_mut).
pub static RAW: Format = Format::of(&EVENT);

static EVENT: Topic = Topic::new(
    &EVENTS,
    Id::text("id"),
    &[
        Member::value("camera", attribute::CAMERA),
        Member::value("matched_dossier", attribute::MATCHED_DOSSIER),
        Member::value("matched", attribute::MATCHED),
    ],
)
.with_kind("event_created");
