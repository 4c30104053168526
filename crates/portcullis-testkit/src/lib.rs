//! A development OpenID provider in a box, for tests of applications that portcullis protects.
//!
//! ```
//! # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
//! use portcullis_testkit::{Endpoint, Fault, TestProvider};
//!
//! let provider = TestProvider::start().await; // on loopback; `TestProvider::in_memory()` needs no socket
//! let issuer = provider.issuer(); // what the application under test is configured with
//!
//! let token = provider.token().subject("alice").scope("castles").permission("castles:read").mint();
//! let expired = provider.token().user("alice").expires_in(-61).mint();
//!
//! # let authorize_url = format!("{}/authorize?client_id=app&response_type=code&scope=openid\
//! #     &redirect_uri=https://app.example.com/auth/callback", provider.base_url());
//! let callback = provider.sign_in(&authorize_url, "alice").await; // the real pages, without a browser
//! provider.id_token_fault(|token| token.claim("aud", "another client")); // what the next login will get
//!
//! provider.fault(Endpoint::Jwks, Fault::status(503)); // until `provider.heal(Endpoint::Jwks)`
//! assert_eq!(provider.requests(Endpoint::Jwks), 0); // nobody has asked yet
//! # });
//! ```
//!
//! # Words
//!
//! - [`TestProvider`] is a whole provider: discovery and keys, a login and a consent page, codes with PKCE, refresh
//!   tokens with rotation, machines, userinfo, revocation and the end of a session, by back and front channel too. It
//!   counts what it is asked and shows scripted [faults](Fault). It is the same provider on loopback and in memory.
//! - Clients are [data](ClientBuilder): a confidential and a public one are there from the start. A [`Browser`] walks
//!   the pages in a test; a person finds alice and bob on the login page and needs no password.
//! - [`TokenBuilder`] mints correct tokens and every kind of wrong ones, with real signatures.
//! - [`TestClock`] is the time they live by, so that no test has to sleep: give it to the guard too.
//! - Alice has every permission (`castles:read`, `castles:create`) and the level `1`; bob has the same scopes but no
//!   permission and the level `0`.
//!
//! # Map
//!
//! | to | see |
//! |---|---|
//! | have a provider | [`TestProvider::in_memory`], [`TestProvider::start`], [`TestProvider::builder`] |
//! | connect a guard to one in memory | [`TestProvider::http_client`], [`TestProvider::clock`] |
//! | have a token | [`TestProvider::token_for`], [`TestProvider::token`] |
//! | break something | [`TestProvider::fault`], [`TestProvider::hold`], [`TestProvider::stop`], [`TestProvider::rotate_keys`] |
//! | see what was asked | [`TestProvider::requests`], [`TestProvider::received`], [`TestProvider::unexpected`] |
//! | test your own implementation of a trait of portcullis | [`checks`] |
//!
//! # What it does, and what not
//!
//! It answers as a correct provider does, unless told otherwise. It checks clients, codes and
//! tokens, but no passwords: everybody may log in as anybody.
//!
//! # Security
//! Never let an application that is not a test trust it. What is wrong in a test's set-up panics.

#![allow(clippy::expect_used, clippy::panic, reason = "a test helper fails loudly where the test made a mistake")]

mod browser;
pub mod checks;
mod client;
mod clock;
mod endpoint;
mod fault;
mod flow;
mod form;
mod key;
mod page;
mod provider;
mod random;
mod token;
mod traffic;
mod transport;
mod user;

pub use self::browser::Browser;
pub use self::client::{AssertionAudience, ClientAuth, ClientBuilder, ClientKey};
pub use self::clock::TestClock;
pub use self::endpoint::{Endpoint, MetadataForm};
pub use self::fault::{Fault, Gate};
pub use self::flow::{LogoutMessage, TokenKind};
pub use self::key::{Algorithm, SigningKey};
pub use self::provider::{TestProvider, TestProviderBuilder};
pub use self::token::{Signer, TokenBuilder};
pub use self::traffic::RecordedRequest;
pub use self::transport::memory::MemoryClient;
