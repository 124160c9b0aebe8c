use crate::dialect::model::{Entity, model};

/// Declares entities. No body with a whole entity is documented, so their fields are free JSON.
macro_rules! entities {
    ($($(#[$doc:meta])* $name:ident,)+) => {
        $(
            model! {
                $(#[$doc])*
                ///
                /// Notifications refer to it by its id. A whole entity is read, too, as in the
                /// verbose notifications of FindFace Security (inferred). No body with one is
                /// documented, so all its fields are in `extra`.
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
    /// A group of cameras.
    CameraGroup,
    /// A card of a person or a vehicle. Security called it a dossier.
    Card,
    /// A watch list. People and vehicles that are on no list are on the list with the id -1.
    WatchList,
    /// A counter.
    Counter,
    /// An area.
    Area,
}
