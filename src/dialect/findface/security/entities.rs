use serde::{Deserialize, Serialize};
use serde_json::{Map, Number, Value};

use crate::dialect::model::{Entity, Timestamp, model, render_plainly};

model! {
    /// A camera, as verbose notifications carry it (documented).
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
        /// Null in every documented body; its form is not documented.
        azimuth: Value,
        /// A comment for people.
        comment: String,
        /// When the camera was set up.
        created_date: Timestamp,
        /// The id of its group; an id in verbose notifications too.
        group: i64,
        /// How its video is doing.
        health_status: HealthStatus,
        /// Null in every documented body; its form is not documented.
        latitude: Value,
        /// Null in every documented body; its form is not documented.
        longitude: Value,
        /// When the camera was last changed.
        modified_date: Timestamp,
        /// Its name.
        name: String,
        /// The URL of a picture from it.
        screenshot: String,
        /// Settings of the worker that reads its video, as they came.
        stream_settings: Map<String, Value>,
        /// Settings of the worker that reads its video on a GPU, as they came.
        stream_settings_gpu: Map<String, Value>,
        /// Null in every documented body; its form is not documented.
        threshold: Value,
        /// The URL of its stream.
        url: String,
    }
}

model! {
    /// How the video of a camera is doing (documented).
    HealthStatus {
        /// A traffic light: `green`, `yellow`, and others that are not documented.
        code: String,
        /// What the light means, in the server's language.
        code_desc: String,
        /// Whether video is being read.
        enabled: bool,
        /// A message of the video worker, or empty.
        msg: String,
        /// Counts of frames, faces and errors, as they came.
        statistic: Map<String, Value>,
        /// The state of the job: `INPROGRESS`, and others that are not documented.
        status: String,
    }
}

model! {
    /// A group of cameras, as verbose notifications carry it (documented).
    CameraGroup (
        /// The id.
        id: i64
    ) {
        /// Whether the group is in use.
        active: bool,
        /// A comment for people.
        comment: String,
        /// When the group was set up.
        created_date: Timestamp,
        /// Whether repeated events of a person are dropped.
        deduplicate: bool,
        /// For how long, in seconds (the unit is inferred).
        deduplicate_delay as "deduplicateDelay": Number,
        /// Labels, as they came.
        labels: Map<String, Value>,
        /// When the group was last changed.
        modified_date: Timestamp,
        /// Its name.
        name: String,
        /// Rights of user groups by their id, such as `view`.
        permissions: Map<String, Value>,
        /// Null in every documented body; its form is not documented.
        threshold: Value,
    }
}

model! {
    /// A watch list, as verbose notifications carry it (documented). The list of those who are on
    /// none is called `Unmatched` and has the id -1.
    WatchList (
        /// The id.
        id: i64
    ) {
        /// Whether a match waits for a person to acknowledge it (inferred).
        acknowledge: bool,
        /// Whether the list is in use.
        active: bool,
        /// The ids of the camera groups it is limited to (inferred: empty in every documented
        /// body).
        camera_groups: Vec<i64>,
        /// A colour as six hexadecimal digits, such as `ffffff`.
        color: String,
        /// A comment for people.
        comment: String,
        /// When the list was made.
        created_date: Timestamp,
        /// When the list was last changed.
        modified_date: Timestamp,
        /// Its name.
        name: String,
        /// Whether a match makes a sound (inferred).
        notify: bool,
        /// Rights of user groups by their id, as they came.
        permissions: Map<String, Value>,
        /// Null in the documented bodies, absent in some; its form is not documented.
        remote_url: Value,
        /// Null in every documented body; its form is not documented.
        threshold: Value,
    }
}

model! {
    /// A counter of faces and silhouettes, as verbose notifications carry it (documented).
    Counter (
        /// The id.
        id: i64
    ) {
        /// Whether the counter is in use.
        active: bool,
        /// The id of its camera; an id in verbose notifications too.
        camera: i64,
        /// How often it makes a record, in seconds (the unit is inferred).
        count_interval: Number,
        /// When the counter was set up.
        created_date: Timestamp,
        /// Whether it counts faces.
        detect_faces: bool,
        /// Whether it counts silhouettes.
        detect_silhouettes: bool,
        /// When the counter was last changed.
        modified_date: Timestamp,
        /// Its name.
        name: String,
        /// The part of the picture it looks at.
        roi: Outline,
    }
}

model! {
    /// A dossier. Verbose notifications are said to carry it whole, and no documented body shows
    /// one: its fields are all in `extra`.
    Dossier (
        /// The id.
        id: i64
    ) {}
}

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

/// A closed outline in a picture: its corners as \[x, y\], in pixels (documented: four corners in
/// every body).
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Outline(pub Vec<[Number; 2]>);

render_plainly!(Outline);
