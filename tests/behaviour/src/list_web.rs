//! The list of behaviours of web applications, and what each is mounted for.

/// Mounts every behaviour of web applications: once for each kind of sessions, those of the conformance mirror once for
/// each response mode too.
#[macro_export]
macro_rules! mount_web_behaviours {
    ($app:ident) => {
        mod memory {
            use super::$app as App;
            use $crate::Memory as Kind;
            $crate::web_behaviours! {}
            mod query {
                use super::{App, Kind};
                use $crate::Query as Mode;
                $crate::mirrored_behaviours! {}
            }
        }
    };
}

/// What is mounted for each kind of sessions; the caller has `App` and `Kind` in scope.
#[macro_export]
macro_rules! web_behaviours {
    () => {
        $crate::web_behaviours! {
            web_routing {
                atk_m03_no_spelling_opens_a_page_to_nobody
                atk_m03_what_a_header_says_of_path_or_method_changes_nothing
                atk_m03_a_public_page_is_public
                atk_m06_wherever_a_handler_is_it_is_guarded
                atk_m06_a_group_deletes_a_dead_cookie_too
                atk_m07_an_invalid_credential_is_not_anonymous
                atk_m10_nothing_of_a_page_comes_with_its_refusal
                atk_s07_a_handler_that_fails_or_panics_is_completed_too
                atk_m09_a_refresh_before_a_panic_is_kept
                a_public_handler_beside_a_dead_cookie
                the_librarys_routes_take_their_own_method
            }
        }
    };
    ($($module:ident { $($behaviour:ident)* })*) => {$(
        mod $module {
            $(
                #[tokio::test]
                async fn $behaviour() {
                    $crate::$module::$behaviour::<super::App, super::Kind>().await;
                }
            )*
        }
    )*};
}

/// What is mounted for each response mode; the caller has `App`, `Kind` and `Mode` in scope.
#[macro_export]
macro_rules! mirrored_behaviours {
    () => {
        $crate::mirrored_behaviours! {
            mirror {
                conf_oidcc_client_test
                conf_oidcc_client_test_idtoken_sig_rs256
                conf_oidcc_client_test_invalid_iss
                conf_oidcc_client_test_missing_sub
                conf_oidcc_client_test_invalid_aud
                conf_oidcc_client_test_missing_aud
                conf_oidcc_client_test_missing_iat
                conf_oidcc_client_test_nonce_invalid
                conf_oidcc_client_test_idtoken_sig_none
                conf_oidcc_client_test_invalid_sig_rs256
                conf_oidcc_client_test_invalid_sig_es256
                conf_oidcc_client_test_invalid_sig_hs256
                conf_oidcc_client_test_invalid_athash
                conf_oidcc_client_test_invalid_chash
                conf_oidcc_client_test_kid_absent_single_jwks
                conf_oidcc_client_test_kid_absent_multiple_jwks
                conf_oidcc_client_test_userinfo_invalid_sub
                conf_oidcc_client_test_userinfo_signed
                conf_oidcc_client_test_scope_userinfo_claims
                conf_oidcc_client_test_client_secret_basic
                conf_oidcc_client_test_discovery_openid_config
                conf_oidcc_client_test_discovery_jwks_uri_keys
                conf_oidcc_client_test_discovery_issuer_mismatch
                conf_oidcc_client_test_signing_key_rotation
                conf_oidcc_client_test_signing_key_rotation_just_before_signing
                conf_oidcc_client_test_signing_key_rotation_just_before_signing_of_a_second_login
                conf_oidcc_client_test_aggregated_claims
                conf_oidcc_client_test_distributed_claims
                conf_oidcc_client_test_3rd_party_init_login
            }
            mirror_refresh {
                conf_oidcc_client_test_refresh_token
                conf_oidcc_client_test_refresh_token_invalid_issuer
                conf_oidcc_client_test_refresh_token_invalid_sub
            }
        }
    };
    ($($module:ident { $($behaviour:ident)* })*) => {$(
        mod $module {
            $(
                #[tokio::test]
                async fn $behaviour() {
                    $crate::$module::$behaviour::<super::App, super::Kind, super::Mode>().await;
                }
            )*
        }
    )*};
}
