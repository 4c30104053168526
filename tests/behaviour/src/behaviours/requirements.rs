//! What a request must prove.

use crate::{Fixture, TestApp};

pub async fn a_permission_opens_its_route<A: TestApp>() {
    let fixture = Fixture::<A>::new();
    let (alice, bob) = (fixture.provider.token_for("alice"), fixture.provider.token_for("bob"));
    fixture.get_as("/castles", &alice).await.assert_ok("alice");
    fixture.get_as("/castles", &bob).await.assert_refusal("bob", 403, "missing_permission", None);
}
