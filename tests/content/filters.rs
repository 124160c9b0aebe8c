//! What filters, their lint and their explanations say.
