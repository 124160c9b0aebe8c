//! What a client of the REST APIs sees.
