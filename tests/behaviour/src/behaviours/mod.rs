//! The behaviours, by subject.

pub mod claims;
pub mod confusion;
pub mod credentials;
pub mod discovery;
pub mod header;
pub mod key_budget;
pub mod keys;
pub mod limits;
pub mod load;
pub mod mirror;
pub mod mirror_refresh;
pub mod outage;
pub mod principals;
pub mod refusals;
pub mod requirements;
pub mod secrecy;
pub mod signature;
pub mod userinfo;
pub mod userinfo_answers;
pub mod web_routing;
pub mod wire;
