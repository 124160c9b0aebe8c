//! Shapes of members that senders use in place of the documented ones.
