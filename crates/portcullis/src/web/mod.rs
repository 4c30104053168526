//! The web login: what a browser keeps, and where it is sent.

pub(crate) mod cookies;
pub(crate) mod return_to;
pub(crate) mod seal;
