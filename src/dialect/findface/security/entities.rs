use serde::{Deserialize, Serialize};
use serde_json::{Map, Number, Value};

use crate::dialect::json_schema::json_schemas;
use crate::dialect::model::{Entity, List, Timestamp, model, render_plainly};

model! {
    /// A camera, as it appears in verbose notifications (documented).
    ///
    /// ```
    /// use recohook::findface::security::{Camera, Event};
    ///
    /// let gate = Camera::empty(3).name("Gate").group(1);
    /// let event = Event::new("42").camera(gate).camera_group(1);
    /// assert_eq!(event.camera.value().map(|camera| camera.id()), Some(3));
    /// ```
    Camera (
        /// The id.
        id: i64
    ) {
        /// Whether the camera is in use.
        active: bool,
        /// The field is null in every documented body, and its type is not documented.
        azimuth: Value,
        /// A comment for human readers.
        comment: String,
        /// When the camera was added.
        created_date: Timestamp,
        /// The id of the camera group. It is an id even in verbose notifications.
        group: i64,
        /// The state of the camera's video.
        health_status: HealthStatus,
        /// The field is null in every documented body, and its type is not documented.
        latitude: Value,
        /// The field is null in every documented body, and its type is not documented.
        longitude: Value,
        /// When the camera was last changed.
        modified_date: Timestamp,
        /// The name.
        name: String,
        /// The URL of a picture from the camera.
        screenshot: String,
        // These are arbitrary JSON, because they are settings of the server's own workers and no
        // filter tests them.
        /// The settings of the worker that reads the camera's video, as arbitrary JSON.
        stream_settings: Map<String, Value>,
        /// The settings of the worker that reads the camera's video on a GPU, as arbitrary JSON.
        stream_settings_gpu: Map<String, Value>,
        /// The field is null in every documented body, and its type is not documented.
        threshold: Value,
        /// The URL of the camera's stream.
        url: String,
    }
}

model! {
    /// The state of a camera's video (documented).
    HealthStatus {
        /// The state as the colour of a traffic light. It is `green`, `yellow` or another colour
        /// that is not documented.
        code: String,
        /// The meaning of the colour, in the server's language.
        code_desc: String,
        /// Whether the video is being read.
        enabled: bool,
        /// A message from the video worker. It can be empty.
        msg: String,
        /// The numbers of frames, faces and errors, as arbitrary JSON.
        statistic: Map<String, Value>,
        /// The state of the job, which is `INPROGRESS` or another state that is not documented.
        status: String,
    }
}

model! {
    /// A camera group, as it appears in verbose notifications (documented).
    CameraGroup (
        /// The id.
        id: i64
    ) {
        /// Whether the group is in use.
        active: bool,
        /// A comment for human readers.
        comment: String,
        /// When the group was added.
        created_date: Timestamp,
        /// Whether repeated events of a person are dropped.
        deduplicate: bool,
        /// For how long repeated events are dropped, in seconds (the unit is inferred).
        deduplicate_delay as "deduplicateDelay": Number,
        /// The labels, as arbitrary JSON.
        labels: Map<String, Value>,
        /// When the group was last changed.
        modified_date: Timestamp,
        /// The name.
        name: String,
        /// The permissions of user groups, such as `view`, keyed by the id of the user group.
        permissions: Map<String, Value>,
        /// The field is null in every documented body, and its type is not documented.
        threshold: Value,
    }
}

model! {
    /// A watch list, as it appears in verbose notifications (documented). People who are not on any
    /// other list are on the list `Unmatched`, which has the id -1.
    WatchList (
        /// The id.
        id: i64
    ) {
        /// Whether somebody must acknowledge each match (inferred).
        acknowledge: bool,
        /// Whether the list is in use.
        active: bool,
        /// The ids of the camera groups to which the list is limited (inferred: the field is empty
        /// in every documented body).
        camera_groups: List<i64>,
        /// The colour, as six hexadecimal digits, such as `ffffff`.
        color: String,
        /// A comment for human readers.
        comment: String,
        /// When the list was added.
        created_date: Timestamp,
        /// When the list was last changed.
        modified_date: Timestamp,
        /// The name.
        name: String,
        /// Whether a match makes a sound (inferred).
        notify: bool,
        /// The permissions of user groups, keyed by the id of the user group, as arbitrary JSON.
        permissions: Map<String, Value>,
        /// The field is null in some documented bodies and absent from the others, and its type is
        /// not documented.
        remote_url: Value,
        /// The field is null in every documented body, and its type is not documented.
        threshold: Value,
    }
}

model! {
    /// A counter of faces and silhouettes, as it appears in verbose notifications (documented).
    Counter (
        /// The id.
        id: i64
    ) {
        /// Whether the counter is in use.
        active: bool,
        /// The id of the counter's camera. It is an id even in verbose notifications.
        camera: i64,
        /// The interval between two records, in seconds (the unit is inferred).
        count_interval: Number,
        /// When the counter was added.
        created_date: Timestamp,
        /// Whether the counter detects faces.
        detect_faces: bool,
        /// Whether the counter detects silhouettes.
        detect_silhouettes: bool,
        /// When the counter was last changed.
        modified_date: Timestamp,
        /// The name.
        name: String,
        /// The part of the picture that the counter examines.
        roi: Outline,
    }
}

model! {
    /// A dossier, which is the record of a person. Verbose notifications are said to contain whole
    /// dossiers, but no documented body shows one. Therefore all fields of a dossier are in
    /// `extra`.
    Dossier (
        /// The id.
        id: i64
    ) {}
}

// Each of these types has an integer id, so `Ref` works for all of them.
macro_rules! impl_entity {
    ($($name:ident)+) => {
        $(impl Entity for $name {
            fn id(&self) -> i64 {
                self.id
            }
        })+
    };
}

impl_entity!(Camera CameraGroup WatchList Counter Dossier);

/// A closed outline in a picture, given by the coordinates \[x, y\] of the corners in pixels
/// (documented: four corners in every body).
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Outline(pub Vec<[Number; 2]>);

render_plainly!(Outline);

json_schemas! {
    Outline: {
        "type": "array",
        "items": {"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 2},
    };
}
