//! The documented bodies, by system.

macro_rules! bodies {
    ($($system:ident = $folder:literal: $($name:literal)+;)+) => {
        $(pub(crate) const $system: &[&str] = &[
            $(include_str!(concat!("../data/", $folder, "/", $name, ".json")),)+
        ];)+
    };
}

bodies! {
    SECURITY = "findface-security-2020":
        "event" "event.verbose" "episode_opening" "episode_opening.verbose" "episode_closing"
        "episode_closing.verbose" "counter_record" "counter_record.verbose";
    SECURITY_2019 = "findface-security-2019": "event";
    LITE = "findface-lite": "event.face" "event.car" "event.license_plate";
    MULTI = "findface-multi":
        "face_event" "body_event" "car_event" "human_episode" "car_episode" "counter_record"
        "area_activation" "area_record";
    OPENBIOMETRICS = "openbiometrics": "delivery" "recent.response";
    FACEIO = "faceio": "enroll" "auth";
}
