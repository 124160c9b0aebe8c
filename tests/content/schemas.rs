//! The JSON Schemas of the systems.
