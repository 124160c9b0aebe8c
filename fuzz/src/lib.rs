//! The bodies of the targets, as `tests/fuzz` has them.

#[path = "../../tests/fuzz/bodies/mod.rs"]
mod bodies;

/// A function for each body.
macro_rules! bodies {
    ($($name:ident)+) => {
        $(
            pub fn $name(data: &[u8]) {
                bodies::$name::check(data);
            }
        )+
    };
}

bodies!(delivery dispatcher filter raw registration retry_after signature url);
