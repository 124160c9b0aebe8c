//! The log lines that the documents show.
