//! The lines that the example prints are true: each is sent as it stands, and shows the status it promises.

use examples_common::checks;

#[tokio::test]
async fn every_printed_line_shows_the_status_it_promises() {
    checks::every_printed_line_shows_the_status_it_promises(env!("CARGO_BIN_EXE_api-actix")).await;
}
