use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::dialect::{json_schema::json_schemas, model::render_plainly};

/// The features that were recognised in a face, a body or a vehicle, keyed by feature name
/// (documented).
///
/// A feature is `{"name": ..., "confidence": ...}`. The `name` is the result, which is a string or,
/// for an age or an angle, a number. The `confidence` is from 0 to 1. A feature that was not
/// computed is either null, or has the name `""` or `unknown` and the confidence 0. A filter can
/// test these names like any other. All other members of a feature are kept.
///
/// ```
/// use recohook::findface::multi::{CarEvent, Features};
///
/// let features = Features::default()
///     .with("make", "nissan", 0.97)
///     .with("model", "nissan/cefiro", 0.88)
///     .with_null("special_vehicle_type");
/// assert_eq!(features.text("model"), Some("nissan/cefiro"));
/// assert_eq!(features.confidence("model"), Some(0.88));
/// assert_eq!(features.text("special_vehicle_type"), None);
/// let event = CarEvent::new("42").features(features);
/// # assert!(event.features.value().is_some());
/// ```
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
// This is a map rather than a model, because each kind of object has its own features.
pub struct Features(pub Map<String, Value>);

impl Features {
    /// Sets a feature to a result, which is a string or a number, and a confidence from 0 to 1. If
    /// the feature is already set, it is replaced.
    ///
    /// NaN and the infinities become null.
    #[must_use]
    pub fn with(
        mut self,
        feature: impl Into<String>,
        name: impl Into<Value>,
        confidence: f64,
    ) -> Self {
        let value = json!({ "name": name.into(), "confidence": confidence });
        self.0.insert(feature.into(), value);
        self
    }

    /// Sets a feature to null, which means that the feature was not computed.
    ///
    /// ```
    /// use recohook::findface::multi::Features;
    ///
    /// let features = Features::default().with_null("age");
    /// assert_eq!(serde_json::to_string(&features)?, r#"{"age":null}"#);
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    #[must_use]
    pub fn with_null(mut self, feature: impl Into<String>) -> Self {
        self.0.insert(feature.into(), Value::Null);
        self
    }

    /// Returns a feature's result, or `None` if the feature is missing or null, or if the result is
    /// not a string.
    pub fn text(&self, feature: &str) -> Option<&str> {
        self.0.get(feature)?.get("name")?.as_str()
    }

    /// Returns a feature's result, or `None` if the result is not a number. An age is in years, and
    /// an angle is in degrees.
    ///
    /// ```
    /// use recohook::findface::multi::Features;
    ///
    /// let features = Features::default().with("age", 33.0, 1.0).with("gender", "female", 0.99);
    /// assert_eq!(features.number("age"), Some(33.0));
    /// assert_eq!(features.number("gender"), None);
    /// ```
    pub fn number(&self, feature: &str) -> Option<f64> {
        self.0.get(feature)?.get("name")?.as_f64()
    }

    /// Returns a feature's confidence, from 0 to 1. Returns `None` if the feature is missing or
    /// null, or if the confidence is not a number.
    pub fn confidence(&self, feature: &str) -> Option<f64> {
        self.0.get(feature)?.get("confidence")?.as_f64()
    }
}

render_plainly!(Features);

json_schemas! {
    Features: {"type": "object", "additionalProperties": {"type": ["object", "null"]}};
}
