//! What a host builds looks like what the original sends.
