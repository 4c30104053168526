//! What the provider says about itself.

use std::collections::BTreeSet;

use bytes::Bytes;
use http::{Response, StatusCode};
use serde_json::{Value, json};

use super::{AUTHORIZATION_SERVER, MetadataForm, empty, json as json_response};
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

/// The authorization and token endpoints are announced because discovery requires them; they are not served yet.
fn document(state: &State) -> Value {
    let url = |path: &str| format!("{}{}{path}", state.base_url, state.path);
    let algorithms: BTreeSet<_> = state.keys().keys().iter().map(|key| key.algorithm().name()).collect();
    json!({
        "issuer": state.issuer,
        "authorization_endpoint": url("/authorize"),
        "token_endpoint": url("/token"),
        "jwks_uri": url("/jwks"),
        "userinfo_endpoint": url("/userinfo"),
        "scopes_supported": ["openid", "profile", "email", "castles"],
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": algorithms,
        "acr_values_supported": ["0", "1"],
        "code_challenge_methods_supported": ["S256"],
    })
}
