//! From the authorization URL to validated tokens.

use std::collections::BTreeSet;
use std::time::Duration;

use portcullis::{IdTokenAlg, InvalidToken, OAuthError, Provider, ProviderErrorKind, Secret, Transaction};
use portcullis_testkit::{Algorithm, Endpoint, Fault, TestProvider};
use serde_json::{Value, json};

use crate::support::{Asked, CALLBACK, Login, SCOPES, bare, confidential, invalid, parameter};

#[tokio::test]
async fn a_login_brings_what_the_provider_gave_and_asks_for_nothing_more() {
    let login = Login::new();
    let tokens = login.tokens().await;
    assert_eq!(login.asked(), Asked { discovery: 1, jwks: 1, token: 1, userinfo: 0 });
    let id_token = tokens.id_token().unwrap();
    assert_eq!((id_token.issuer(), id_token.subject()), (login.server.issuer().as_str(), "alice"));
    assert_eq!((id_token.acr(), id_token.auth_time()), (Some("1"), Some(login.server.clock().unix())));
    assert_eq!(id_token.expires_at(), login.server.clock().unix() + 300);
    assert!(id_token.session_id().is_some());
    assert_eq!(tokens.expires_in(), Some(Duration::from_secs(300)));
    assert_eq!(tokens.scopes().collect::<BTreeSet<_>>(), BTreeSet::from(SCOPES));
    assert!(tokens.refresh_token().is_some());
    let user = login.user_info(&tokens).await.unwrap();
    assert_eq!((user.subject(), user.email()), ("alice", Some("alice@example.com")));
    assert_eq!(login.asked(), Asked { discovery: 1, jwks: 1, token: 1, userinfo: 1 });
}

#[tokio::test]
async fn the_token_request_has_exactly_these_fields() {
    let login = Login::new();
    let begun = login.begin().await;
    let code = login.code(&begun).await;
    login.provider.exchange_code(&code, &begun.transaction).await.unwrap();
    let request = login.last(Endpoint::Token);
    assert_eq!((request.method.as_str(), request.path.as_str()), ("POST", "/token"));
    assert_eq!(request.header("accept"), Some("application/json"));
    assert_eq!(request.header("content-type"), Some("application/x-www-form-urlencoded"));
    let body = format!("https://form.test/?{}", std::str::from_utf8(&request.body).unwrap());
    let mut names: Vec<_> = crate::support::parameters(&body).into_iter().map(|(name, _)| name).collect();
    names.sort();
    assert_eq!(names, ["code", "code_verifier", "grant_type", "redirect_uri"]);
    assert_eq!(request.form("grant_type").as_deref(), Some("authorization_code"));
    assert_eq!(request.form("code"), Some(code));
    assert_eq!(request.form("redirect_uri").as_deref(), Some(CALLBACK));
    assert_eq!(request.form("code_verifier").unwrap().len(), 43);
}

#[tokio::test]
async fn the_redirect_uri_stays_byte_for_byte() {
    let uris = [
        "https://app.example.com",
        "https://app.example.com/",
        "https://APP.example.com:443/auth/../callback",
        "https://app.example.com/callback?tenant=a%2fb&x=%20y",
        "http://127.0.0.1:51562/callback",
        "http://[::1]:51562/callback",
    ];
    for uri in uris {
        let login = Login::new();
        login.server.client(TestProvider::CLIENT_ID).redirect_uri(uri).register();
        let begun = login.provider.authorize_url(uri).build().await.unwrap();
        assert_eq!(parameter(&begun.url, "redirect_uri").as_deref(), Some(uri));
        assert_eq!(begun.transaction.redirect_uri(), uri);
        login.finish(&begun).await.unwrap();
        assert_eq!(login.last(Endpoint::Token).form("redirect_uri").as_deref(), Some(uri));
    }
}

#[tokio::test]
async fn a_transaction_may_rest_between_request_and_callback() {
    let login = Login::new();
    let begun = login.begin().await;
    let code = login.code(&begun).await;
    let kept = Transaction::from_secret(&begun.transaction.to_secret()).unwrap();
    assert!(login.provider.exchange_code(&code, &kept).await.is_ok());
}

#[tokio::test]
async fn the_code_of_another_browsers_login_is_refused() {
    let login = Login::new();
    let (mine, theirs) = (login.begin().await, login.begin().await);
    let stolen = login.code(&theirs).await;
    let error = login.provider.exchange_code(&stolen, &mine.transaction).await.unwrap_err();
    assert_eq!(error.kind(), ProviderErrorKind::Refused(OAuthError::InvalidGrant), "PKCE");
    assert_eq!(login.asked(), Asked { discovery: 1, token: 1, ..Asked::default() });
}

#[tokio::test]
async fn each_published_algorithm_signs_people_in() {
    for algorithm in Algorithm::ALL {
        let login = Login::at(TestProvider::builder().algorithms([algorithm]).in_memory(), |builder| builder);
        assert!(login.whole().await.is_ok(), "{algorithm:?}");
        assert_eq!(login.asked(), Asked { discovery: 1, jwks: 1, token: 1, userinfo: 1 }, "{algorithm:?}");
    }
}

#[tokio::test]
async fn only_the_registered_algorithm_where_one_is_set() {
    let server = || TestProvider::builder().algorithms([Algorithm::Es256, Algorithm::Rs256]).in_memory();
    let only = |algorithm| Login::at(server(), move |builder| builder.id_token_alg(IdTokenAlg::Published(algorithm)));
    assert!(only(portcullis::Algorithm::Es256).whole().await.is_ok());
    let refused = only(portcullis::Algorithm::Rs256).refusal().await;
    assert_eq!(refused, invalid(InvalidToken::Malformed("alg_not_allowed")));
}

#[tokio::test]
async fn a_subject_may_be_anything_up_to_255_bytes() {
    let long = "s".repeat(255);
    for subject in ["7f8a6c1e-0000-4000-8000-000000000001", "42", "Cg0wLTM4NS0yODA4OS0w", "émile@example.com", &long] {
        let login = Login::new();
        login.server.user(subject, json!({"name": "Somebody"}));
        let begun = login.begin().await;
        let callback = login.server.sign_in(&begun.url, subject).await;
        let code = parameter(&callback, "code").unwrap();
        let tokens = login.provider.exchange_code(&code, &begun.transaction).await.unwrap();
        assert_eq!(tokens.id_token().unwrap().subject(), subject);
        assert_eq!(login.user_info(&tokens).await.unwrap().subject(), subject);
    }
}

#[tokio::test]
async fn a_login_without_openid_needs_no_id_token() {
    let login = Login::with(|builder| builder.scopes(["castles"]));
    let mut begun = login.begin().await;
    assert_eq!(parameter(&begun.url, "scope").as_deref(), Some("castles"));
    // The development provider speaks OpenID Connect only; plain OAuth differs in what the answer lacks.
    begun.url = begun.url.replace("scope=castles", "scope=openid");
    let plain =
        |answer: &mut Value| answer.as_object_mut().unwrap().retain(|name, _| name != "id_token" && name != "scope");
    login.server.fault(Endpoint::Token, Fault::patch(plain));
    let tokens = login.finish(&begun).await.unwrap();
    assert!(tokens.id_token().is_none());
    assert!(tokens.scopes().eq(["castles"]));
    assert_eq!(login.asked(), Asked { discovery: 1, token: 1, ..Asked::default() });
}

#[tokio::test]
async fn what_the_id_token_says_about_the_user() {
    let login = Login::new();
    login.server.client(TestProvider::CLIENT_ID).user_claims_in_id_token(true).register();
    let tokens = login.tokens().await;
    let user = tokens.id_token().unwrap().user_info();
    assert_eq!((user.subject(), user.name(), user.email_verified()), ("alice", Some("Alice Liddell"), true));
    for protocol in ["iss", "aud", "exp", "nonce", "at_hash", "azp", "sid", "acr"] {
        assert_eq!(user.claim::<Value>(protocol), None, "{protocol} says nothing about the user");
    }
}

#[tokio::test]
async fn atk_c14_hs256_only_where_registered() {
    let registered = |login: &Login| login.server.client(TestProvider::CLIENT_ID).id_token_alg("HS256").register();
    let symmetric = Login::with(|builder| builder.id_token_alg(IdTokenAlg::Hs256));
    registered(&symmetric);
    assert!(symmetric.whole().await.is_ok());
    assert_eq!(symmetric.asked().jwks, 0, "no published key has a part in it");

    let unregistered = Login::new();
    registered(&unregistered);
    assert_eq!(unregistered.refusal().await, invalid(InvalidToken::Malformed("alg_not_allowed")));

    let es256 = Login::with(|builder| builder.id_token_alg(IdTokenAlg::Hs256));
    assert_eq!(es256.refusal().await, invalid(InvalidToken::Malformed("alg_not_allowed")));
}

#[tokio::test]
async fn atk_c14_hs256_with_another_secret() {
    let login = Login::with(|builder| builder.id_token_alg(IdTokenAlg::Hs256));
    login.server.client(TestProvider::CLIENT_ID).id_token_alg("HS256").register();
    login.server.id_token_fault(|token| token.hmac("another-secret-of-at-least-32-bytes!"));
    assert_eq!(login.refusal().await, invalid(InvalidToken::Signature));
}

#[test]
fn atk_c14_a_short_secret_signs_nothing() {
    let server = TestProvider::in_memory();
    for (length, fits) in [(0, false), (1, false), (31, false), (32, true)] {
        let secret = "x".repeat(length);
        let built = bare(&server, "app").client_secret(secret).id_token_alg(IdTokenAlg::Hs256).build();
        assert_eq!(built.is_ok(), fits, "{length} bytes");
        if let Err(error) = built {
            assert_eq!(error.problems()[0].setting(), "PORTCULLIS_ID_TOKEN_ALG");
        }
    }
}

#[test]
fn a_provider_without_a_client_id_is_an_error_before_serving() {
    let server = TestProvider::in_memory();
    let error = Provider::builder(server.issuer(), "").http_client(server.http_client()).build().unwrap_err();
    let settings: Vec<_> = error.problems().iter().map(|problem| problem.setting()).collect();
    assert_eq!(settings, ["PORTCULLIS_CLIENT_ID"]);
}

#[tokio::test]
async fn a_guard_without_a_client_id_signs_nobody_in() {
    let server = TestProvider::in_memory();
    let guard = portcullis::Guard::api(server.issuer(), server.audience());
    let guard = guard.http_client(server.http_client()).clock(server.clock()).build().unwrap();
    let error = guard.provider().authorize_url(CALLBACK).build().await.unwrap_err();
    assert_eq!(error.kind(), ProviderErrorKind::Unusable("no_client_id"));
    let transaction = Login::new().begin().await.transaction;
    let error = guard.provider().exchange_code("a code", &transaction).await.unwrap_err();
    assert_eq!(error.kind(), ProviderErrorKind::Unusable("no_client_id"));
    assert_eq!(server.requests(Endpoint::Token), 0);
}

/// Browsers are sent to the public address, our own requests to the internal one, under the public name.
#[tokio::test]
async fn an_internal_url_with_a_host_alias() {
    let server = TestProvider::builder().issuer("https://id.example.com").in_memory();
    server.set_metadata(|document| {
        for (_, value) in document.as_object_mut().unwrap() {
            if let Some(url) = value.as_str() {
                *value = json!(url.replace("https://provider.test", "https://id.example.com"));
            }
        }
    });
    let settings = confidential(&server).internal_url("https://provider.test").internal_host("id.example.com");
    let login = Login { provider: settings.build().unwrap(), server };
    let mut begun = login.begin().await;
    assert!(begun.url.starts_with("https://id.example.com/authorize?"), "{}", begun.url);
    begun.url = begun.url.replace("https://id.example.com/", "https://provider.test/");
    let tokens = login.finish(&begun).await.unwrap();
    login.user_info(&tokens).await.unwrap();
    login.refresh(&tokens).await.unwrap();
    assert_eq!(login.asked(), Asked { discovery: 1, jwks: 1, token: 2, userinfo: 1 });
    for endpoint in [Endpoint::Discovery, Endpoint::Jwks, Endpoint::Token, Endpoint::UserInfo] {
        assert!(login.server.received(endpoint).iter().all(|request| request.header("host") == Some("id.example.com")));
    }
    let logout = login.provider.end_session_url().build().await.unwrap().unwrap();
    assert!(logout.starts_with("https://id.example.com/end_session?"), "{logout}");
}

#[tokio::test]
async fn an_issuer_with_a_path_and_with_a_slash() {
    for path in ["/realms/castles", "/castles/", "/"] {
        let server = TestProvider::builder().issuer_path(path).in_memory();
        let login = Login::at(server, |builder| builder);
        assert!(login.whole().await.is_ok(), "{path}");
        assert_eq!(login.asked(), Asked { discovery: 1, jwks: 1, token: 1, userinfo: 1 }, "{path}");
    }
}

#[tokio::test]
async fn a_provider_without_a_token_endpoint_is_not_asked() {
    let login = Login::new();
    login.server.set_metadata(|document| document["token_endpoint"] = json!(null));
    let begun = login.begin().await;
    let error = login.provider.exchange_code("a code", &begun.transaction).await.unwrap_err();
    assert_eq!(error.kind(), ProviderErrorKind::Unusable("no_token_endpoint"));
    let id_token = Login::new().tokens().await.id_token().cloned().unwrap();
    let error = login.provider.refresh(&Secret::from("a token"), &id_token).await.unwrap_err();
    assert_eq!(error.kind(), ProviderErrorKind::Unusable("no_token_endpoint"));
    assert_eq!(login.asked(), Asked { discovery: 1, ..Asked::default() });
}

/// Web servers run handlers on several threads: a login must be able to move between them.
#[tokio::test]
async fn a_login_may_run_in_a_task_of_its_own() {
    let fixture = Login::new();
    let login = fixture.begin().await;
    let code = fixture.code(&login).await;
    let provider = fixture.provider.clone();
    let task = tokio::spawn(async move {
        let tokens = provider.exchange_code(&code, &login.transaction).await?;
        let (refresh_token, id_token) = (tokens.refresh_token().unwrap(), tokens.id_token().unwrap());
        provider.refresh(refresh_token, id_token).await
    });
    assert_eq!(task.await.unwrap().unwrap().id_token().unwrap().subject(), "alice");
}
