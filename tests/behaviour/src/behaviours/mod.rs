//! The behaviours, by subject.

pub mod claims;
pub mod confusion;
pub mod credentials;
pub mod header;
pub mod limits;
pub mod principals;
pub mod refusals;
pub mod requirements;
pub mod secrecy;
pub mod signature;
pub mod userinfo;
pub mod userinfo_answers;
