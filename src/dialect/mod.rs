//! What each recognition system puts on the wire. Nothing outside this folder knows one by name.

pub mod findface;
