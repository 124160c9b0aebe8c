use serde::{Deserialize, Serialize};
use serde_json::{Map, Number, Value};

use crate::dialect::model::{Entity, Timestamp, model, render_plainly};

model! {
    /// A camera, as in verbose notifications (documented).
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
        /// Null in every documented body. Its form is not documented.
        azimuth: Value,
        /// A comment for people.
        comment: String,
        /// When the camera was added.
        created_date: Timestamp,
        /// The id of its group. It is an id in verbose notifications, too.
        group: i64,
        /// The state of its video.
        health_status: HealthStatus,
        /// Null in every documented body. Its form is not documented.
        latitude: Value,
        /// Null in every documented body. Its form is not documented.
        longitude: Value,
        /// When the camera was last changed.
        modified_date: Timestamp,
        /// The name.
        name: String,
        /// The URL of a picture from the camera.
        screenshot: String,
        // Free JSON: these are settings of the server's own workers, and no filter tests them.
        /// The settings of the worker that reads its video. Free JSON.
        stream_settings: Map<String, Value>,
        /// The settings of the worker that reads its video on a GPU. Free JSON.
        stream_settings_gpu: Map<String, Value>,
        /// Null in every documented body. Its form is not documented.
        threshold: Value,
        /// The URL of its stream.
        url: String,
    }
}

model! {
    /// The state of the video of a camera (documented).
    HealthStatus {
        /// The colour of a traffic light: `green`, `yellow`, and others that are not documented.
        code: String,
        /// The meaning of the colour, in the language of the server.
        code_desc: String,
        /// Whether the video is being read.
        enabled: bool,
        /// A message of the video worker. It can be empty.
        msg: String,
        /// The numbers of frames, faces and errors. Free JSON.
        statistic: Map<String, Value>,
        /// The state of the job: `INPROGRESS`, and others that are not documented.
        status: String,
    }
}

model! {
    /// A group of cameras, as in verbose notifications (documented).
    CameraGroup (
        /// The id.
        id: i64
    ) {
        /// Whether the group is in use.
        active: bool,
        /// A comment for people.
        comment: String,
        /// When the group was added.
        created_date: Timestamp,
        /// Whether repeated events of a person are dropped.
        deduplicate: bool,
        /// How long repeated events are dropped, in seconds (the unit is inferred).
        deduplicate_delay as "deduplicateDelay": Number,
        /// The labels. Free JSON.
        labels: Map<String, Value>,
        /// When the group was last changed.
        modified_date: Timestamp,
        /// The name.
        name: String,
        /// The rights of user groups, such as `view`, by the id of the user group.
        permissions: Map<String, Value>,
        /// Null in every documented body. Its form is not documented.
        threshold: Value,
    }
}

model! {
    /// A watch list, as in verbose notifications (documented). People who are on no list are on the
    /// list `Unmatched`, which has the id -1.
    WatchList (
        /// The id.
        id: i64
    ) {
        /// Whether somebody must acknowledge each match (inferred).
        acknowledge: bool,
        /// Whether the list is in use.
        active: bool,
        /// The ids of the camera groups that the list is limited to (inferred: empty in every
        /// documented body).
        camera_groups: Vec<i64>,
        /// The colour, as six hexadecimal digits such as `ffffff`.
        color: String,
        /// A comment for people.
        comment: String,
        /// When the list was added.
        created_date: Timestamp,
        /// When the list was last changed.
        modified_date: Timestamp,
        /// The name.
        name: String,
        /// Whether a match makes a sound (inferred).
        notify: bool,
        /// The rights of user groups, by the id of the user group. Free JSON.
        permissions: Map<String, Value>,
        /// Null in the documented bodies, and absent in some. Its form is not documented.
        remote_url: Value,
        /// Null in every documented body. Its form is not documented.
        threshold: Value,
    }
}

model! {
    /// A counter of faces and silhouettes, as in verbose notifications (documented).
    Counter (
        /// The id.
        id: i64
    ) {
        /// Whether the counter is in use.
        active: bool,
        /// The id of its camera. It is an id in verbose notifications, too.
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
        /// The part of the picture that the counter looks at.
        roi: Outline,
    }
}

model! {
    /// A dossier, the record of a person. Verbose notifications are said to have it whole, but no
    /// documented body shows one. So all its fields are in `extra`.
    Dossier (
        /// The id.
        id: i64
    ) {}
}

// All these ids are integers, so `Ref` works for each.
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

/// A closed outline in a picture: the corners as \[x, y\], in pixels (documented: four corners in
/// every body).
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Outline(pub Vec<[Number; 2]>);

render_plainly!(Outline);
