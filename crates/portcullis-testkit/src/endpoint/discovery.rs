//! What the provider says about itself.

use std::collections::BTreeSet;

use bytes::Bytes;
use http::{Response, StatusCode};
use serde_json::{Value, json};

use super::{AUTHORIZATION_SERVER, MetadataForm, empty, json as json_response};
use crate::key::Algorithm;
use crate::provider::State;

pub(super) fn openid_configuration(state: &State) -> Response<Bytes> {
    json_response(document(state).to_string())
}

pub(super) fn authorization_server(state: &State, path: &str) -> Response<Bytes> {
    let inserted = path.starts_with(AUTHORIZATION_SERVER);
    let appended = path.ends_with(AUTHORIZATION_SERVER);
    let served = match state.published().metadata_form {
        MetadataForm::Absent => false,
        MetadataForm::Inserted => inserted,
        MetadataForm::Appended => appended,
        MetadataForm::Both => true,
    };
    if served { openid_configuration(state) } else { empty(StatusCode::NOT_FOUND) }
}

fn document(state: &State) -> Value {
    let url = |path: &str| state.url(path);
    let algorithms = algorithms(state);
    let response_iss = state.published().response_iss;
    let mut document = json!({
        "issuer": state.issuer,
        "authorization_endpoint": url("/authorize"),
        "token_endpoint": url("/token"),
        "jwks_uri": url(&state.jwks_path),
        "userinfo_endpoint": url("/userinfo"),
        "revocation_endpoint": url("/revoke"),
        "end_session_endpoint": url("/end_session"),
        "backchannel_logout_supported": true,
        "backchannel_logout_session_supported": true,
        "frontchannel_logout_supported": true,
        "frontchannel_logout_session_supported": true,
        "scopes_supported": ["openid", "profile", "email", "address", "phone", "offline_access", "castles"],
        "response_types_supported": ["code"],
        "response_modes_supported": ["query", "form_post"],
        "grant_types_supported": ["authorization_code", "refresh_token", "client_credentials"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": algorithms,
        "userinfo_signing_alg_values_supported": algorithms,
        "token_endpoint_auth_methods_supported":
            ["none", "client_secret_basic", "client_secret_post", "private_key_jwt"],
        "token_endpoint_auth_signing_alg_values_supported": Algorithm::ALL.map(Algorithm::name),
        "code_challenge_methods_supported": ["S256"],
        "prompt_values_supported": ["none", "login", "consent", "select_account"],
        "acr_values_supported": ["0", "1"],
        "claims_supported": ["sub", "iss", "aud", "exp", "iat", "auth_time", "acr", "azp", "nonce", "sid",
            "name", "given_name", "family_name", "preferred_username", "email", "email_verified"],
        "authorization_response_iss_parameter_supported": response_iss,
        "request_parameter_supported": false,
        "request_uri_parameter_supported": false,
    });
    let patch = state.published().metadata_patch.clone();
    if let Some(patch) = patch {
        patch(&mut document);
    }
    document
}

fn algorithms(state: &State) -> BTreeSet<&'static str> {
    state.keys().keys().iter().map(|key| key.algorithm().name()).collect()
}
