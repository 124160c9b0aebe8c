use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::dialect::model::render_plainly;

/// What was recognised about a face, a body or a vehicle, by the name of the feature (documented).
///
/// A feature is `{"name": ..., "confidence": ...}`: `name` holds what was recognised, a text or,
/// for an age or an angle, a number; `confidence` is 0 to 1. One that was not computed is null, or
/// has the name `""` or `unknown` and the confidence 0; these are values, which a filter can ask
/// for. Whatever else a feature holds is kept.
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
pub struct Features(pub Map<String, Value>);

impl Features {
    /// Sets a feature: what was recognised, a text or a number, and how sure it is, 0 to 1.
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

    /// Sets a feature to null: it was not computed.
    #[must_use]
    pub fn with_null(mut self, feature: impl Into<String>) -> Self {
        self.0.insert(feature.into(), Value::Null);
        self
    }

    /// What was recognised, where it is a text.
    pub fn text(&self, feature: &str) -> Option<&str> {
        self.0.get(feature)?.get("name")?.as_str()
    }

    /// What was recognised, where it is a number: an age in years, an angle in degrees.
    pub fn number(&self, feature: &str) -> Option<f64> {
        self.0.get(feature)?.get("name")?.as_f64()
    }

    /// How sure the feature is, 0 to 1.
    pub fn confidence(&self, feature: &str) -> Option<f64> {
        self.0.get(feature)?.get("confidence")?.as_f64()
    }
}

render_plainly!(Features);
