use crate::dialect::model::{Entity, model};

/// Declares entities. No body that contains a whole entity is documented, so their fields are
/// arbitrary JSON.
macro_rules! entities {
    ($($(#[doc = $doc:literal])* $name:ident,)+) => {
        $(
            model! {
                $(#[doc = $doc])*
                ///
                /// Notifications refer to it by id. A whole entity is also accepted, as in the
                /// verbose notifications of FindFace Security (inferred). No body that contains a
                /// whole entity is documented, so all fields of the entity are in `extra`.
                $name (
                    /// The id.
                    id: i64
                ) {}
            }

            impl Entity for $name {
                fn id(&self) -> i64 {
                    self.id
                }
            }
        )+
    };
}

entities! {
    /// A camera.
    Camera,
    /// A camera group.
    CameraGroup,
    /// The card of a person or a vehicle. Security called it a dossier.
    Card,
    /// A watch list. People and vehicles that are not on any other list are on the list with the id
    /// -1.
    WatchList,
    /// A counter.
    Counter,
    /// An area.
    Area,
}
