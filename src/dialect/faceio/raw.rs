use super::{EVENTS, filter::attribute};
use crate::raw::{Format, Id, Member, Topic};

/// The JSON of events, for gateways: see [`raw`](crate::raw).
pub static RAW: Format = Format::of(&EVENT);

static EVENT: Topic = Topic::new(
    &EVENTS,
    Id::attribute(attribute::FACIAL_ID),
    &[
        Member::value("facialId", attribute::FACIAL_ID),
        Member::value("appId", attribute::APP_ID),
        Member::value("clientIp", attribute::CLIENT_IP),
        Member::object(
            "details",
            &[
                Member::value("timestamp", attribute::TIMESTAMP),
                Member::value("gender", attribute::GENDER),
                Member::number_in_text("age", attribute::AGE),
            ],
        ),
    ],
)
.with_kind_in(&["eventName"])
.with_kind_attribute(attribute::EVENT_NAME);
