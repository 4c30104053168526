//! How the client proves who it is at the token endpoint.

use portcullis::{ClientAuth, ProviderBuilder};
use portcullis_testkit::{Algorithm, ClientAuth as Registered, ClientKey, Endpoint, RecordedRequest, TestProvider};
use serde_json::json;

use crate::support::{Asked, CALLBACK, Login, bare};

/// What a request to the token endpoint showed.
#[derive(Debug, PartialEq, Eq)]
enum Shown {
    Nothing,
    Basic,
    Form,
    Assertion,
}

fn shown(request: &RecordedRequest) -> Shown {
    let header = request.header("authorization").is_some_and(|value| value.starts_with("Basic "));
    let (secret, assertion) = (request.form("client_secret"), request.form("client_assertion"));
    match (header, secret.is_some(), assertion.is_some()) {
        (false, false, false) => Shown::Nothing,
        (true, false, false) => Shown::Basic,
        (false, true, false) => Shown::Form,
        (false, false, true) => Shown::Assertion,
        several => panic!("more than one kind of authentication: {several:?}"),
    }
}

/// Signs in and refreshes; both requests have to show the same.
async fn shown_by(login: &Login) -> Shown {
    let tokens = login.tokens().await;
    let first = shown(&login.last(Endpoint::Token));
    login.refresh(&tokens).await.unwrap();
    assert_eq!(shown(&login.last(Endpoint::Token)), first, "a refresh authenticates as the login does");
    login.user_info(&tokens).await.unwrap();
    assert_eq!(login.asked(), Asked { discovery: 1, jwks: 1, token: 2, userinfo: 1 });
    first
}

#[tokio::test]
async fn a_whole_login_by_each_method_that_is_set() {
    let rows = [
        (ClientAuth::ClientSecretBasic, Registered::SecretBasic, Shown::Basic),
        (ClientAuth::ClientSecretPost, Registered::SecretPost, Shown::Form),
        (ClientAuth::None, Registered::None, Shown::Nothing),
    ];
    for (method, registered, expected) in rows {
        let login = Login::with(|builder| builder.client_auth(method));
        login.server.client(TestProvider::CLIENT_ID).auth(registered).register();
        assert_eq!(shown_by(&login).await, expected, "{method:?}");
    }
}

#[tokio::test]
async fn a_public_client_shows_its_id_and_nothing_else() {
    for empty_secret in [false, true] {
        let server = TestProvider::in_memory();
        let builder = bare(&server, TestProvider::PUBLIC_CLIENT_ID);
        let builder = if empty_secret { builder.client_secret("") } else { builder };
        let login = Login { provider: builder.build().unwrap(), server };
        assert_eq!(shown_by(&login).await, Shown::Nothing);
        let request = login.last(Endpoint::Token);
        assert_eq!(request.form("client_id").as_deref(), Some(TestProvider::PUBLIC_CLIENT_ID));
        assert_eq!(request.header("authorization"), None, "an empty secret is no empty Basic credential");
    }
}

#[tokio::test]
async fn private_key_jwt_with_each_kind_of_key() {
    for algorithm in [Algorithm::Rs256, Algorithm::Ps256, Algorithm::Es256, Algorithm::Es384, Algorithm::EdDsa] {
        let key = ClientKey::generate(algorithm);
        let server = TestProvider::in_memory();
        server.client("robot").key(&key).redirect_uri(CALLBACK).register();
        let builder = bare(&server, "robot").client_keys(key.private_jwk_set().to_string());
        let login = Login { provider: builder.build().unwrap(), server };
        assert_eq!(shown_by(&login).await, Shown::Assertion, "{algorithm:?}");
    }
}

#[tokio::test]
async fn the_method_nobody_set_follows_what_the_provider_lists() {
    let key = ClientKey::generate(Algorithm::Es256).private_jwk_set().to_string();
    let secret = |builder: ProviderBuilder| builder.client_secret(TestProvider::CLIENT_SECRET);
    let keys = |builder: ProviderBuilder| builder.client_keys(key.as_str());
    type Settings<'s> = &'s dyn Fn(ProviderBuilder) -> ProviderBuilder;
    let (none, both) = (|builder: ProviderBuilder| builder, |builder| keys(secret(builder)));
    let (basic, post) = ("client_secret_basic", "client_secret_post");
    let rows: [(&str, Settings<'_>, serde_json::Value, Shown); 11] = [
        ("secret, both listed", &secret, json!([post, basic]), Shown::Basic),
        ("secret, basic listed", &secret, json!([basic]), Shown::Basic),
        ("secret, nothing listed", &secret, json!(null), Shown::Basic),
        ("secret, an empty list", &secret, json!([]), Shown::Basic),
        ("secret, a list that is none", &secret, json!(basic), Shown::Basic),
        ("secret, post listed", &secret, json!([post]), Shown::Form),
        ("secret, neither listed", &secret, json!(["private_key_jwt"]), Shown::Form),
        ("secret and key: the secret", &both, json!([basic, "private_key_jwt"]), Shown::Basic),
        ("key", &keys, json!(null), Shown::Assertion),
        ("key, not listed", &keys, json!([basic]), Shown::Assertion),
        ("neither", &none, json!([basic, post]), Shown::Nothing),
    ];
    for (name, settings, listed, expected) in rows {
        let server = TestProvider::in_memory();
        server.set_metadata(move |document| document["token_endpoint_auth_methods_supported"] = listed.clone());
        let provider = settings(bare(&server, TestProvider::CLIENT_ID)).build().unwrap();
        let login = Login { server, provider };
        // What the provider makes of it is another test's: it insists on the registered method.
        let _ = login.sign_in().await;
        assert_eq!(shown(&login.last(Endpoint::Token)), expected, "{name}");
        assert_eq!(login.asked().token, 1, "{name}: one method, no second try");
    }
}

#[tokio::test]
async fn atk_t05_ids_and_secrets_of_any_characters() {
    let texts = ["a:b", "100%", "one+one", "a b", "&=?#", "ü€𝄞", "castles:%+ &ü/|~*'\"\\", "%3A%2B"];
    for text in texts {
        for auth in [Registered::SecretBasic, Registered::SecretPost] {
            let server = TestProvider::in_memory();
            server.client(text).secret(text).auth(auth).redirect_uri(CALLBACK).register();
            let method = match auth {
                Registered::SecretBasic => ClientAuth::ClientSecretBasic,
                _ => ClientAuth::ClientSecretPost,
            };
            let builder = bare(&server, text).client_secret(text).client_auth(method);
            let login = Login { provider: builder.build().unwrap(), server };
            shown_by(&login).await;
        }
    }
}

#[tokio::test]
async fn a_wrong_secret_is_refused_once() {
    let login = Login::with(|builder| builder.client_secret("not the secret"));
    let refused = login.refusal().await;
    assert_eq!(refused, portcullis::ProviderErrorKind::Refused(portcullis::OAuthError::InvalidClient));
}

#[test]
fn a_method_without_what_it_needs_is_an_error_before_serving() {
    let rows = [
        (ClientAuth::ClientSecretBasic, "PORTCULLIS_CLIENT_SECRET"),
        (ClientAuth::ClientSecretPost, "PORTCULLIS_CLIENT_SECRET"),
        (ClientAuth::PrivateKeyJwt, "PORTCULLIS_CLIENT_KEYS"),
    ];
    let server = TestProvider::in_memory();
    for (method, missing) in rows {
        let error = bare(&server, "app").client_auth(method).build().unwrap_err();
        let [problem] = error.problems() else { panic!("{error}") };
        assert_eq!(problem.setting(), "PORTCULLIS_CLIENT_AUTH");
        assert!(problem.message().contains(missing), "{problem}");
    }
}

#[test]
fn keys_that_sign_nothing_are_an_error_before_serving() {
    let key = ClientKey::generate(Algorithm::Es256);
    let (mut encrypts, mut torn) = (key.private_jwk(), key.private_jwk());
    encrypts["use"] = json!("enc");
    torn["x"] = ClientKey::generate(Algorithm::Es256).private_jwk()["x"].clone();
    let rows = [
        ("nothing", String::new()),
        ("no key", json!({"keys": []}).to_string()),
        ("public only", key.public_jwk().to_string()),
        ("for encryption", json!({"keys": [encrypts]}).to_string()),
        ("halves of two keys", torn.to_string()),
        ("symmetric", json!({"kty": "oct", "k": "c2VjcmV0"}).to_string()),
    ];
    let server = TestProvider::in_memory();
    for (name, keys) in rows {
        let error = bare(&server, "app").client_keys(keys).build().expect_err(name);
        assert_eq!(error.problems()[0].setting(), "PORTCULLIS_CLIENT_KEYS", "{name}");
        let private = key.private_jwk()["d"].as_str().unwrap().to_owned();
        assert!(!format!("{error} {error:?}").contains(&private), "{name}");
    }
}
