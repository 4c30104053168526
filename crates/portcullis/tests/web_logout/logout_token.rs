//! What a logout token must be: one row per rule of Back-Channel Logout 1.0 section 2.6.

use bytes::Bytes;
use portcullis::{IdTokenAlg, Profile};
use portcullis_testkit::{Algorithm, Endpoint, SigningKey, TestProvider, TokenBuilder, TokenKind};
use serde_json::{Value, json};

use crate::app::{App, is_done, is_refused};
use crate::log::Reasons;

const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";

type Change = fn(TokenBuilder, &TestProvider) -> TokenBuilder;

fn long(length: usize) -> String {
    "x".repeat(length)
}

/// What must be refused before any key is looked up, and the reason in the log.
const REFUSED_UNSEEN: &[(&str, &str, Change)] = &[
    ("alg none", "signature_empty", |token, _| token.unsigned()),
    ("alg none with a signature", "alg_not_allowed", |token, _| token.header("alg", "none")),
    ("HS256 with the public key", "alg_not_allowed", |token, provider| token.hmac(provider.signing_key().public_pem())),
    ("HS256 with the client secret, not registered", "alg_not_allowed", |token, _| {
        token.hmac(TestProvider::CLIENT_SECRET)
    }),
    ("typ of an access token", "typ", |token, _| token.typ("at+jwt")),
    ("typ of another event", "typ", |token, _| token.typ("secevent+jwt")),
    ("typ of a proof", "typ", |token, _| token.typ("dpop+jwt")),
    ("typ with a blank", "typ", |token, _| token.typ("logout+jwt ")),
    ("typ is no text", "typ_not_a_string", |token, _| token.header("typ", 7)),
    ("crit", "crit_present", |token, _| token.header("crit", json!(["exp"]))),
    ("another iss", "iss", |token, _| token.claim("iss", "https://evil.example")),
    ("iss with a slash more", "iss", |token, provider| token.claim("iss", format!("{}/", provider.issuer()))),
    ("no iss", "iss", |token, _| token.without("iss")),
    ("iss is a list", "iss", |token, provider| token.claim("iss", json!([provider.issuer()]))),
    ("another aud", "aud", |token, _| token.claim("aud", "another client")),
    ("aud beside a stranger", "aud", |token, _| token.claim("aud", json!([TestProvider::CLIENT_ID, "another client"]))),
    ("empty aud", "aud", |token, _| token.claim("aud", json!([]))),
    ("no aud", "aud", |token, _| token.without("aud")),
    ("no iat", "iat", |token, _| token.without("iat")),
    ("iat in the future", "not_yet_valid", |token, provider| token.claim("iat", provider.clock().unix() + 61)),
    ("iat too long ago", "expired", |token, provider| token.claim("iat", provider.clock().unix() - 660).without("exp")),
    ("iat is text", "iat", |token, provider| token.claim("iat", provider.clock().unix().to_string())),
    ("exp past", "expired", |token, _| token.expires_in(-60)),
    ("exp is text", "exp", |token, _| token.claim("exp", "never")),
    ("nbf in the future", "not_yet_valid", |token, provider| token.claim("nbf", provider.clock().unix() + 61)),
    ("no jti", "jti", |token, _| token.without("jti")),
    ("empty jti", "jti", |token, _| token.claim("jti", "")),
    ("jti is a number", "jti", |token, _| token.claim("jti", 7)),
    ("jti too long", "jti", |token, _| token.claim("jti", long(256))),
    ("no events", "events", |token, _| token.without("events")),
    ("events is null", "events", |token, _| token.claim("events", Value::Null)),
    ("events is text", "events", |token, _| token.claim("events", EVENT)),
    ("events is a list", "events", |token, _| token.claim("events", json!([EVENT]))),
    ("another event", "events", |token, _| {
        token.claim("events", json!({ "http://schemas.openid.net/event/other": {} }))
    }),
    ("the event is true", "events", |token, _| token.claim("events", json!({ EVENT: true }))),
    ("the event is null", "events", |token, _| token.claim("events", json!({ EVENT: null }))),
    ("the event is a list", "events", |token, _| token.claim("events", json!({ EVENT: [] }))),
    ("neither sub nor sid", "sid", |token, _| token.without("sub")),
    ("empty sub", "sub", |token, _| token.claim("sub", "")),
    ("sub is null", "sub", |token, _| token.claim("sub", Value::Null)),
    ("sub is a number, beside a sid", "sub", |token, _| token.claim("sub", 7).sid("s")),
    ("sub too long", "sub", |token, _| token.claim("sub", long(256))),
    ("empty sid, beside a sub", "sid", |token, _| token.sid("")),
    ("sid is a list, beside a sub", "sid", |token, _| token.claim("sid", json!(["s"]))),
    ("sid too long, beside a sub", "sid", |token, _| token.sid(&long(256))),
    ("a nonce", "nonce", |token, _| token.nonce("n-1")),
    ("an empty nonce", "nonce", |token, _| token.nonce("")),
    ("nonce null", "nonce", |token, _| token.claim("nonce", Value::Null)),
    ("longer than 8 KiB", "token_too_long", |token, _| token.claim("padding", long(8 * 1024))),
    ("header twice", "header_duplicate_member", |token, _| token.raw_header(r#"{"alg":"ES256","alg":"ES256"}"#)),
    ("payload is no object", "payload_json", |token, _| token.raw_payload("[]")),
    ("payload is no JSON", "payload_json", |token, _| token.raw_payload(Bytes::from_static(b"\xff"))),
    ("an ID token", "events", |_, provider| {
        provider.token().id_token().client_id(TestProvider::CLIENT_ID).claim("sid", "s")
    }),
    ("an access token", "typ", |_, provider| provider.token().user("alice")),
    ("an access token of Fief's", "events", |_, provider| provider.token().user("alice").fief()),
    ("an access token that claims the event", "typ", |_, provider| {
        provider.token().user("alice").claim("aud", TestProvider::CLIENT_ID).claim("events", json!({ EVENT: {} }))
    }),
];

#[tokio::test]
async fn atk_l01_j17_what_is_no_logout_token_ends_nothing() {
    let app = App::new();
    let alice = app.logged_in("alice").await;
    app.provider.reset_counters();
    let reasons = Reasons::listen();
    for (about, reason, change) in REFUSED_UNSEEN {
        let token = change(app.provider.logout_token(), &app.provider).mint();
        is_refused(&app.tell(&token).await, about);
        assert_eq!(reasons.take(), [*reason], "{about}");
    }
    for token in ["", "a", "a.b", "a.b.c", "a.b.c.d.e", "..", "é.é.é"] {
        is_refused(&app.tell(token).await, token);
    }
    assert_eq!(app.asked(), [], "no key is looked for");
    assert_eq!(app.store.removals(), 0, "the store is not asked");
    assert_eq!(alice.user(&app).await.as_deref(), Some("alice"));
}

#[tokio::test]
async fn atk_l01_duplicate_members_end_nothing() {
    let app = App::new();
    let alice = app.logged_in("alice").await;
    let now = app.provider.clock().unix();
    let payload = |more: &str| {
        let issuer = app.provider.issuer();
        format!(
            r#"{{"iss":"{issuer}","aud":"app","iat":{now},"jti":"j","sub":"alice","events":{{"{EVENT}":{{}}}}{more}}}"#
        )
    };
    for more in [r#","sub":"bob""#, r#","jti":"k""#, r#","\u0061ud":"app""#, r#","x":{"a":1,"a":2}"#] {
        let token = app.provider.logout_token().raw_payload(payload(more)).mint();
        is_refused(&app.tell(&token).await, more);
    }
    assert_eq!((app.store.removals(), alice.user(&app).await.as_deref()), (0, Some("alice")));
    let token = app.provider.logout_token().raw_payload(payload("")).mint();
    is_done(&app.tell(&token).await, "without the duplicate");
    assert_eq!(alice.user(&app).await, None);
}

/// Everything is right but who signed.
#[tokio::test]
async fn atk_l01_another_signature_ends_nothing() {
    let rows: [(&str, Change); 5] = [
        ("a bit flipped", |token, _| token.corrupt_signature()),
        ("zeros", |token, _| token.raw_signature(vec![0; 64])),
        ("a stranger's key", |token, _| token.sign_with(SigningKey::generate(Algorithm::Es256))),
        ("a stranger's key under the provider's kid", |token, provider| {
            let kid = provider.signing_key().kid().to_owned();
            token.sign_with(SigningKey::generate(Algorithm::Es256).with_kid(kid))
        }),
        ("a key in the header", |token, _| {
            let key = SigningKey::generate(Algorithm::Es256);
            token.header("jwk", key.public_jwk()).sign_with(key)
        }),
    ];
    for (about, change) in rows {
        let app = App::new();
        let alice = app.logged_in("alice").await;
        app.provider.reset_counters();
        is_refused(&app.tell(&change(app.provider.logout_token(), &app.provider).mint()).await, about);
        assert_eq!(app.asked(), [Endpoint::Jwks], "{about}: one more look");
        assert_eq!((app.store.removals(), alice.user(&app).await.as_deref()), (0, Some("alice")), "{about}");
    }
}

#[tokio::test]
async fn what_the_specification_allows_is_accepted() {
    let rows: [(&str, Change); 11] = [
        ("as recommended", |token, _| token),
        ("typ as a whole media type", |token, _| token.typ("application/logout+jwt")),
        ("typ in other letters", |token, _| token.typ("LOGOUT+JWT")),
        ("typ JWT", |token, _| token.typ("JWT")),
        ("no typ", |token, _| token.without_header("typ")),
        ("aud in a list", |token, _| token.claim("aud", json!([TestProvider::CLIENT_ID]))),
        ("no exp", |token, _| token.without("exp")),
        ("exp within the leeway", |token, _| token.expires_in(-59)),
        ("iat within the leeway", |token, provider| token.claim("iat", provider.clock().unix() + 60)),
        ("iat at the end", |token, provider| token.claim("iat", provider.clock().unix() - 659).without("exp")),
        ("more in it", |token, _| token.claim("events", json!({ EVENT: { "x": 1 }, "y": {} })).claim("z", 1)),
    ];
    for (about, change) in rows {
        let app = App::new();
        let alice = app.logged_in("alice").await;
        is_done(&app.tell(&change(app.provider.logout_token(), &app.provider).mint()).await, about);
        assert_eq!(alice.user(&app).await, None, "{about}");
    }
}

#[tokio::test]
async fn hs256_counts_where_the_client_is_registered_for_it() {
    let app = App::with(|builder| builder.id_token_alg(IdTokenAlg::Hs256));
    app.provider.client(TestProvider::CLIENT_ID).id_token_alg("HS256").register();
    let alice = app.logged_in("alice").await;
    let rows: [(&str, Change); 3] = [
        ("a key of the provider's", |token, _| token),
        ("another secret", |token, _| token.hmac("another secret, which is long enough as well")),
        ("nothing", |token, _| token.unsigned()),
    ];
    for (about, change) in rows {
        is_refused(&app.tell(&change(app.provider.logout_token(), &app.provider).mint()).await, about);
        assert_eq!(alice.user(&app).await.as_deref(), Some("alice"), "{about}");
    }
    is_done(&app.tell(&app.provider.logout_token().hmac(TestProvider::CLIENT_SECRET).mint()).await, "our secret");
    assert_eq!(alice.user(&app).await, None);
    assert_eq!(app.provider.requests(Endpoint::Jwks), 0);
}

/// The other way round: a logout token opens nothing.
#[tokio::test]
async fn atk_j17_a_logout_token_is_no_bearer_token() {
    for profile in [Profile::GENERIC, Profile::FIEF] {
        let app = App::with(|builder| builder.audience(TestProvider::CLIENT_ID).profile(profile));
        for typ in [Some("logout+jwt"), Some("JWT"), None] {
            let token = app.provider.logout_token().claim("client_id", "app").claim("azp", "app");
            let token = match typ {
                Some(typ) => token.typ(typ),
                None => token.without_header("typ"),
            };
            let mut request = crate::app::request("GET", "/account");
            request.headers_mut().insert("authorization", format!("Bearer {}", token.mint()).parse().unwrap());
            let attempt = app.guard.attempt(&portcullis::Head::of(&request));
            let refusal = attempt.admit::<portcullis::AccessToken, ()>().await.unwrap_err();
            assert_eq!(refusal.error().code(), "invalid_token", "{} {typ:?}", profile.name());
        }
    }
}

/// Even in the answer of the token endpoint, where a refreshed ID token need not have a nonce.
#[tokio::test]
async fn atk_j17_a_logout_token_is_no_id_token() {
    for (kind, refreshes) in [(TokenKind::IdToken, false), (TokenKind::RefreshedIdToken, true)] {
        let app = App::new();
        let alice = if refreshes { Some(app.logged_in("alice").await) } else { None };
        app.provider.token_fault(kind, |token| token.claim("events", json!({ EVENT: {} })));
        match alice {
            Some(alice) => {
                app.provider.clock().advance(std::time::Duration::from_secs(250));
                assert_eq!(alice.user(&app).await, None, "the session ends with what its refresh brought");
            }
            None => {
                let provider = app.guard.provider();
                let login =
                    provider.authorize_url(format!("{}/auth/callback", crate::app::BASE)).build().await.unwrap();
                let callback = app.provider.sign_in(&login.url, "alice").await;
                let code = crate::app::parameter(&callback, "code").unwrap();
                let refused = provider.exchange_code(&code, &login.transaction).await.unwrap_err();
                assert_eq!(refused.reason(), "typ");
            }
        }
    }
}
