//! Flights that do not land.

use std::future::{pending, ready};

use tokio::runtime::Builder;
use tokio::sync::oneshot;

use super::*;

fn brought<V>(landed: Landed<V>) -> (&'static str, Option<V>) {
    match landed {
        Landed::Own(value) => ("own", Some(value)),
        Landed::Joined(value) => ("joined", Some(value)),
        Landed::Lost => ("lost", None),
    }
}

#[tokio::test]
async fn one_flight_for_all_who_ask_meanwhile() {
    let flights = Flights::new();
    let (land, landing) = oneshot::channel();
    let first = flights.join("a", || async { landing.await.unwrap() });
    let second = flights.join("a", || async { panic!("a second flight") });
    let other = flights.join("b", || ready(2));
    let control = async {
        assert!(flights.is_running(&"a"));
        land.send(1).unwrap();
    };
    let (first, second, other, ()) = tokio::join!(first, second, other, control);
    let brought = [first, second, other].map(brought);
    assert_eq!(brought, [("own", Some(1)), ("joined", Some(1)), ("own", Some(2))]);
    assert!(!flights.is_running(&"a"));
}

#[tokio::test]
async fn a_flight_that_panics_is_lost_to_all_and_blocks_nobody() {
    let flights = Flights::<_, u8>::new();
    let (crash, crashing) = oneshot::channel::<()>();
    let first = flights.join("a", || async {
        crashing.await.unwrap();
        panic!("a bug in a fetch")
    });
    let (first, second, sent) = tokio::join!(first, flights.join("a", || ready(9)), async { crash.send(()) });
    sent.unwrap();
    assert_eq!([first, second].map(brought), [("lost", None), ("lost", None)]);
    assert!(!flights.is_running(&"a"), "off the board");
    assert_eq!(brought(flights.join("a", || ready(3)).await), ("own", Some(3)));
}

#[test]
fn a_flight_is_lost_with_its_runtime() {
    let [first, second] = [(); 2].map(|()| Builder::new_current_thread().build().unwrap());
    let flights = Flights::<_, u8>::new();
    let _ = first.block_on(async { flights.board("a", pending) });
    assert!(flights.is_running(&"a"));
    second.block_on(async {
        let waiter = flights.join("a", || async { panic!("a second flight") });
        let (lost, ()) = tokio::join!(waiter, async { first.shutdown_background() });
        assert_eq!(brought(lost), ("lost", None));
        assert_eq!(brought(flights.join("a", || ready(4)).await), ("own", Some(4)));
    });
}

#[tokio::test]
async fn a_flight_goes_on_when_its_waiters_have_gone() {
    let flights = Flights::new();
    let (land, landing) = oneshot::channel();
    let (mut receiver, own) = flights.board("a", || async { landing.await.unwrap() });
    assert!(own);
    drop(flights.join("a", || ready(0)));
    land.send(5).unwrap();
    assert_eq!(*receiver.wait_for(Option::is_some).await.unwrap(), Some(5));
}
