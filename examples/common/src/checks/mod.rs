//! What holds for an example on every framework, for the tests of the examples.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may fail by panicking")]

mod curl_lines;
mod front_door;

pub use curl_lines::every_printed_line_shows_the_status_it_promises;
pub use front_door::{
    a_stranger_sees_the_home_page_and_is_sent_to_the_login_from_the_others,
    the_printed_addresses_are_there_and_the_login_leads_to_the_printed_provider,
};
