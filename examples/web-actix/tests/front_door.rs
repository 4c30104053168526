//! The example as it stands: what it prints is true, and its pages are wired as they should be. What a login looks like
//! is for `tests/browser` to see.

use examples_common::checks;

const BINARY: &str = env!("CARGO_BIN_EXE_web-actix");

#[tokio::test]
async fn a_stranger_sees_the_home_page_and_is_sent_to_the_login_from_the_others() {
    checks::a_stranger_sees_the_home_page_and_is_sent_to_the_login_from_the_others(BINARY).await;
}

#[tokio::test]
async fn the_printed_addresses_are_there_and_the_login_leads_to_the_printed_provider() {
    checks::the_printed_addresses_are_there_and_the_login_leads_to_the_printed_provider(BINARY).await;
}
