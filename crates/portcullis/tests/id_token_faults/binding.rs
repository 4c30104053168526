//! What binds the token to this login: nonce, and the hashes of what came with it.

use aws_lc_rs::digest::{self, SHA256, SHA384, SHA512};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use portcullis::InvalidToken::{Hash, Nonce};
use portcullis_testkit::{Algorithm, Endpoint, Fault, TestProvider};
use serde_json::json;

use crate::support::{Login, invalid, parameter};
use crate::table::{accepts, refuses};

#[tokio::test]
async fn atk_c06_nonce() {
    refuses(&[
        ("missing", |token| token.without("nonce"), Nonce),
        ("wrong", |token| token.claim("nonce", "another"), Nonce),
        ("empty", |token| token.claim("nonce", ""), Nonce),
        ("null", |token| token.claim("nonce", json!(null)), Nonce),
        ("a number", |token| token.claim("nonce", 7), Nonce),
        ("a list", |token| token.claim("nonce", json!(["another"])), Nonce),
    ])
    .await;
}

#[tokio::test]
async fn atk_c06_a_nonce_that_is_nearly_right() {
    type Near = fn(&str) -> String;
    let rows: [(&str, Near); 5] = [
        ("one character more", |nonce| format!("{nonce}1")),
        ("one character less", |nonce| nonce[..nonce.len() - 1].to_owned()),
        ("other case", |nonce| nonce.to_ascii_lowercase() + "A"),
        ("a space more", |nonce| format!(" {nonce}")),
        ("twice", |nonce| format!("{nonce}{nonce}")),
    ];
    for (name, near) in rows {
        let login = Login::new();
        let begun = login.begin().await;
        let nonce = near(&parameter(&begun.url, "nonce").unwrap());
        login.server.id_token_fault(move |token| token.nonce(&nonce));
        assert_eq!(login.finish(&begun).await.unwrap_err().kind(), invalid(Nonce), "{name}");
        assert_eq!(login.asked().userinfo, 0);
    }
}

#[tokio::test]
async fn atk_c06_the_nonce_of_another_browsers_login() {
    let login = Login::new();
    let (mine, theirs) = (login.begin().await, login.begin().await);
    let nonce = parameter(&theirs.url, "nonce").unwrap();
    login.server.id_token_fault(move |token| token.nonce(&nonce));
    assert_eq!(login.finish(&mine).await.unwrap_err().kind(), invalid(Nonce));
}

#[tokio::test]
async fn atk_c06_an_id_token_replayed_in_a_second_login() {
    let login = Login::new();
    let first = login.tokens().await;
    let (id_token, access_token) =
        (first.id_token().unwrap().secret().expose().to_owned(), first.access_token().expose().to_owned());
    let replayed = Fault::patch(move |answer| {
        answer["id_token"] = json!(id_token);
        answer["access_token"] = json!(access_token);
    });
    login.server.fault(Endpoint::Token, replayed);
    assert_eq!(login.sign_in().await.unwrap_err().kind(), invalid(Nonce));
    assert_eq!(login.asked().userinfo, 0);
}

#[tokio::test]
async fn atk_c07_hashes() {
    refuses(&[
        ("at_hash of another", |token| token.access_token("another"), Hash("at_hash")),
        ("at_hash empty", |token| token.claim("at_hash", ""), Hash("at_hash")),
        ("at_hash null", |token| token.claim("at_hash", json!(null)), Hash("at_hash")),
        ("at_hash a number", |token| token.claim("at_hash", 7), Hash("at_hash")),
        ("c_hash of another", |token| token.claim("c_hash", half(&SHA256, "another")), Hash("c_hash")),
        ("c_hash empty", |token| token.claim("c_hash", ""), Hash("c_hash")),
        ("s_hash of another", |token| token.claim("s_hash", half(&SHA256, "another")), Hash("s_hash")),
    ])
    .await;
    accepts(&[("no at_hash, which the code flow does not demand", |token| token.without("at_hash"))]).await;
}

#[tokio::test]
async fn atk_c07_the_hash_has_the_size_of_the_algorithm() {
    for algorithm in Algorithm::ALL {
        let right = match algorithm.name() {
            "EdDSA" => &SHA512,
            name if name.ends_with("256") => &SHA256,
            name if name.ends_with("384") => &SHA384,
            _ => &SHA512,
        };
        let login = Login::at(TestProvider::builder().algorithms([algorithm]).in_memory(), |builder| builder);
        for hash in [&SHA256, &SHA384, &SHA512] {
            for claim in ["c_hash", "s_hash"] {
                let begun = login.begin().await;
                let (code, state) = (login.code(&begun).await, begun.transaction.state());
                let value = half(hash, if claim == "c_hash" { &code } else { &state });
                login.server.id_token_fault(move |token| token.claim(claim, value.as_str()));
                let outcome =
                    login.provider.exchange_code(&code, &begun.transaction).await.map_err(|error| error.kind());
                let expected = if hash == right { Ok(()) } else { Err(invalid(Hash(claim))) };
                assert_eq!(outcome.map(drop), expected, "{} with {hash:?}", algorithm.name());
            }
        }
        assert_eq!(login.asked().userinfo, 0);
    }
}

/// `at_hash` as the provider makes it is right for each algorithm; one of another size is not.
#[tokio::test]
async fn atk_c07_at_hash_of_another_size() {
    let rows = [
        (Algorithm::Rs256, &SHA512),
        (Algorithm::Es256, &SHA384),
        (Algorithm::Es384, &SHA256),
        (Algorithm::Ps512, &SHA256),
        (Algorithm::EdDsa, &SHA256),
    ];
    for (algorithm, hash) in rows {
        let login = Login::at(TestProvider::builder().algorithms([algorithm]).in_memory(), |builder| builder);
        let access_token = login.server.token_for("alice");
        let at_hash = half(hash, &access_token);
        login.server.fault(Endpoint::Token, Fault::patch(move |answer| answer["access_token"] = json!(access_token)));
        login.server.id_token_fault(move |token| token.claim("at_hash", at_hash.as_str()));
        assert_eq!(login.refusal().await, invalid(Hash("at_hash")), "{}", algorithm.name());
    }
}

#[tokio::test]
async fn atk_c07_an_access_token_exchanged_on_the_way() {
    let login = Login::new();
    let bobs = login.server.token_for("bob");
    login.server.fault(Endpoint::Token, Fault::patch(move |answer| answer["access_token"] = json!(bobs)));
    assert_eq!(login.refusal().await, invalid(Hash("at_hash")));
}

fn half(hash: &'static digest::Algorithm, value: &str) -> String {
    let full = digest::digest(hash, value.as_bytes());
    BASE64_URL_SAFE_NO_PAD.encode(&full.as_ref()[..full.as_ref().len() / 2])
}
