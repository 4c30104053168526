//! Tokens of another kind, presented as access tokens.

use portcullis::Profile;
use portcullis_testkit::{TestProvider, TokenBuilder};
use serde_json::json;

use crate::{Fixture, TestApp};

const API: &str = "https://api.example.com";

fn fief<A: TestApp>() -> Fixture<A> {
    Fixture::of(TestProvider::builder().audience("app").in_memory(), |guard| guard.profile(Profile::FIEF))
}

/// What else a provider or a client signs, right in everything but its kind.
fn of_other_kinds(like: &TokenBuilder) -> Vec<(&'static str, TokenBuilder)> {
    let logout = json!({"http://schemas.openid.net/event/backchannel-logout": {}});
    [
        ("a logout token", like.clone().typ("logout+jwt").claim("events", logout).claim("sid", "s")),
        (
            "a DPoP proof",
            like.clone().typ("dpop+jwt").claim("htm", "GET").claim("htu", "https://api.example.com/token"),
        ),
        ("a security event", like.clone().typ("secevent+jwt")),
        ("an authorization response", like.clone().typ("oauth-authz-resp+jwt").claim("code", "c").claim("state", "s")),
        ("an authorization request", like.clone().typ("oauth-authz-req+jwt")),
        ("an introspection response", like.clone().typ("token-introspection+jwt")),
        ("a userinfo response", like.clone().typ("userinfo+jwt")),
        ("a client assertion", like.clone().typ("client-authentication+jwt")),
        ("an entity statement", like.clone().typ("entity-statement+jwt")),
        ("a wildcard", like.clone().typ("*/*")),
        ("an empty typ", like.clone().typ("")),
        ("half of the media type", like.clone().typ("application/")),
        ("at+jwt and more", like.clone().typ("at+jwt;v=1")),
        ("a space after", like.clone().typ("at+jwt ")),
        ("another main type", like.clone().typ("text/at+jwt")),
        ("the prefix twice", like.clone().typ("application/application/at+jwt")),
    ]
    .into()
}

pub async fn atk_j17_generic_takes_only_at_jwt<A: TestApp>() {
    let fixture = Fixture::<A>::new();
    let access = fixture.provider.token().user("alice");
    for (what, token) in of_other_kinds(&access) {
        fixture.assert_refused_unasked(what, &token.mint()).await;
    }
    let id_token = fixture.provider.token().id_token();
    let rows = [
        ("no typ", access.clone().without_header("typ")),
        ("typ JWT", access.clone().typ("JWT")),
        ("typ jwt", access.clone().typ("jwt")),
        ("typ of another type", access.clone().header("typ", json!(["at+jwt"]))),
        ("typ null", access.clone().header("typ", json!(null))),
        ("an ID token", id_token.clone()),
        ("an ID token for this API", id_token.clone().audience(API)),
        ("with everything an access token has", id_token.audience(API).claim("client_id", "app").claim("jti", "j")),
        ("a client assertion", access.clone().typ("JWT").claim("iss", "app").subject("app")),
    ];
    for (what, token) in rows {
        fixture.assert_refused_unasked(what, &token.mint()).await;
    }
    for typ in ["at+jwt", "AT+JWT", "application/at+jwt", "Application/At+Jwt"] {
        fixture.assert_admitted(typ, &access.clone().typ(typ).mint()).await;
    }
}

pub async fn atk_j17_fief_tells_id_tokens_by_their_claims<A: TestApp>() {
    let fixture = fief::<A>();
    let access = fixture.provider.token().user("alice").fief();
    for (what, token) in of_other_kinds(&access) {
        fixture.assert_refused_unasked(what, &token.mint()).await;
    }
    let id_token = || fixture.provider.token().fief().id_token();
    let rows = [
        ("an ID token", id_token()),
        ("with a scope", id_token().claim("scope", "openid castles")),
        ("with a scope, without a nonce", id_token().claim("scope", "openid").without("nonce")),
        ("with a scope and c_hash only", id_token().claim("scope", "openid").without("nonce").without("at_hash")),
        ("without any of the three", id_token().without("nonce").without("at_hash").without("c_hash")),
        ("a nonce of null", access.clone().claim("nonce", json!(null))),
        ("no scope", access.clone().without("scope")),
        ("a scope that is a list", access.clone().claim("scope", json!(["openid"]))),
        ("a scope of null", access.clone().claim("scope", json!(null))),
        ("another client's", access.clone().client_id("other")),
        ("no azp", access.clone().without("azp")),
        ("bound to a key", access.clone().claim("cnf", json!({"jkt": "k"}))),
    ];
    for (what, token) in rows {
        fixture.assert_refused_unasked(what, &token.mint()).await;
    }
    fixture.assert_admitted("an access token", &access.clone().mint()).await;
    fixture.assert_admitted("typ JWT", &access.typ("JWT").mint()).await;
}

pub async fn atk_a04_only_a_profile_relaxes<A: TestApp>() {
    let generic = Fixture::<A>::new();
    let fief_like = generic.provider.token().user("alice").fief().audience(API);
    generic.assert_refused_unasked("no typ, no jti, azp", &fief_like.clone().mint()).await;
    generic.assert_refused_unasked("nor with the right typ", &fief_like.typ("at+jwt").mint()).await;
    let fief = fief::<A>();
    let facts = fief.get_as("/token", &fief.provider.token().user("alice").fief().mint()).await.json();
    assert_eq!(facts["id"], "alice");
    assert_eq!(facts["permissions"], json!(["castles:read", "castles:create"]));
    assert_eq!(facts["client"], false);
}
