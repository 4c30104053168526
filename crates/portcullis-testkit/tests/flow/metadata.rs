//! What the provider announces.

use portcullis_testkit::{Algorithm, MetadataForm, TestProvider};
use serde_json::json;

use crate::app::{App, parameter};
use crate::support::{fetch, json as body};

const DISCOVERY: &str = "/.well-known/openid-configuration";

#[tokio::test]
async fn everything_that_is_there_is_announced() {
    let provider = TestProvider::builder().algorithms([Algorithm::Es256, Algorithm::EdDsa]).in_memory();
    let document = body(&fetch(&provider, DISCOVERY).await);
    for (member, path) in [
        ("authorization_endpoint", "/authorize"),
        ("token_endpoint", "/token"),
        ("revocation_endpoint", "/revoke"),
        ("end_session_endpoint", "/end_session"),
        ("userinfo_endpoint", "/userinfo"),
    ] {
        assert_eq!(document[member], json!(format!("{}{path}", provider.base_url())), "{member}");
    }
    assert_eq!(document["authorization_response_iss_parameter_supported"], json!(true));
    assert_eq!(document["response_modes_supported"], json!(["query", "form_post"]));
    assert_eq!(document["id_token_signing_alg_values_supported"], json!(["ES256", "EdDSA"]));
    assert_eq!(document["grant_types_supported"], json!(["authorization_code", "refresh_token", "client_credentials"]));
    assert_eq!(document["token_endpoint_auth_methods_supported"].as_array().unwrap().len(), 4);
    provider.set_authorization_response_iss(false);
    let document = body(&fetch(&provider, DISCOVERY).await);
    assert_eq!(document["authorization_response_iss_parameter_supported"], json!(false));
}

#[tokio::test]
async fn the_documents_can_be_odd() {
    let provider = TestProvider::in_memory();
    provider.set_authorization_server_metadata(MetadataForm::Both);
    provider.set_metadata(|document| {
        document["response_types_supported"] = json!(["token code id_token", "martian"]);
        document.as_object_mut().unwrap().remove("userinfo_endpoint");
    });
    for path in [DISCOVERY, "/.well-known/oauth-authorization-server"] {
        let document = body(&fetch(&provider, path).await);
        assert_eq!(document["response_types_supported"], json!(["token code id_token", "martian"]), "{path}");
        assert!(document["userinfo_endpoint"].is_null(), "{path}");
    }
}

#[tokio::test]
async fn the_flow_works_below_a_path_and_under_another_name() {
    let provider = TestProvider::builder().issuer_path("/realms/castles").host("localhost").start().await.unwrap();
    assert!(provider.base_url().starts_with("http://localhost:"));
    let app = App::new(&provider);
    let url = app.authorize_url(&[]).replace("/authorize", "/realms/castles/authorize");
    let callback = provider.sign_in(&url, "alice").await;
    assert_eq!(parameter(&callback, "iss").unwrap(), format!("{}/realms/castles", provider.base_url()));
    assert!(provider.unexpected().is_empty());
}
