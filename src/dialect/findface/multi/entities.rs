use crate::dialect::model::{Entity, model};

/// Declares what a notification refers to by id. No body with a whole one is documented, so their
/// fields are free JSON.
macro_rules! entities {
    ($($(#[$doc:meta])* $name:ident,)+) => {
        $(
            model! {
                $(#[$doc])*
                ///
                /// Notifications refer to it by its id. A whole one is taken too, as FindFace
                /// Security has it in verbose notifications (inferred); no such body is
                /// documented, and its fields are all in `extra`.
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
    /// A card of a person or a vehicle: what Security called a dossier.
    Card,
    /// A watch list. The list of those who are on none has the id -1.
    WatchList,
    /// A counter.
    Counter,
    /// An area.
    Area,
}
