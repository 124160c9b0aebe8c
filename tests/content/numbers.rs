//! Numbers and moments keep what the sender wrote.
