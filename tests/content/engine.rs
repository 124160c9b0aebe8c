//! What the engine does with ids, kinds and headers that nobody expected.
