use super::{EVENTS, filter::attribute};
use crate::{
    attribute::AttributeId,
    raw::{Format, Id, Member, Topic},
};

/// The JSON of events, for gateways: see [`raw`](crate::raw).
pub static RAW: Format = Format::of(&EVENT);

static EVENT: Topic = Topic::new(
    &EVENTS,
    Id::text("id"),
    &[
        Member::value("source", attribute::SOURCE),
        Member::value("camera_id", attribute::CAMERA_ID),
        Member::lenient_object(
            "data",
            &[
                Member::by_kind("identity_id", &of_match(attribute::IDENTITY_ID)),
                Member::by_kind("label", &of_match(attribute::LABEL)),
                Member::by_kind("watchlist", &of_match(attribute::WATCHLIST)),
                Member::by_kind("similarity", &of_match(attribute::SIMILARITY)),
            ],
        ),
    ],
)
.with_kind_in(&["type"])
.with_kind_attribute(attribute::TYPE);

/// The types of events that are a match.
const fn of_match(attribute: AttributeId) -> [(&'static str, AttributeId); 2] {
    [("face_matched", attribute), ("watchlist_alert", attribute)]
}
