//! The bodies of the fuzz targets, which are in `tests/fuzz`.

#[path = "../../tests/fuzz/bodies/mod.rs"]
mod bodies;

/// Defines a function for each body.
macro_rules! bodies {
    ($($name:ident)+) => {
        $(
            pub fn $name(data: &[u8]) {
                bodies::$name::check(data);
            }
        )+
    };
}

bodies!(delivery dispatcher filter raw registration retry_after signature target url);
