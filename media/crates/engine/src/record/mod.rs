//! Recording: the worker's side (rings) and the writer thread (files).

pub mod ring;
pub mod writer;
