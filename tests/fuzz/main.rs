//! Runs the bodies of the fuzz targets on small corpora, on mutations of them, and on random texts.

mod bodies;
mod corpora;
mod mutation;
mod text_properties;
