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
            $crate::mirrored_in_each_response_mode! {}
        }
        mod cookie {
            use super::$app as App;
            use $crate::Cookie as Kind;
            $crate::web_behaviours! {}
            $crate::mirrored_in_each_response_mode! {}
        }
    };
}

/// What is mounted for each kind of sessions; the caller has `App` and `Kind` in scope.
#[macro_export]
macro_rules! web_behaviours {
    () => {
        $crate::web_behaviours! {
            web_bearer {
                atk_m05_the_header_alone_decides
                an_invalid_bearer_is_nobody_and_not_the_user_of_the_cookie
                without_an_audience_no_bearer_is_accepted
                another_scheme_leaves_the_cookie_alone
                the_access_token_of_a_session_is_no_session_id
            }
            web_cookies {
                atk_s11_what_is_no_id_is_nobody_and_asks_no_store
                an_unknown_id_is_nobody_and_deleted
                atk_s03_two_cookies_of_our_name_are_as_none
                atk_s11_a_planted_id_does_not_become_a_session
                atk_s02_the_session_before_ends_with_a_login
            }
            web_cross_site {
                atk_s14_refused_before_the_store_is_asked
                atk_s14_our_own_pages_and_what_is_no_browser
                atk_s14_a_bearer_is_not_concerned
                atk_s14_without_a_cookie_there_is_nothing_to_abuse
            }
            web_facts {
                while_the_access_token_lives_nobody_is_asked
                the_token_of_a_session
                requirements_on_a_session
                fresh_claims_are_asked_once
                permissions_come_from_the_access_token_where_that_validates
                one_request_opens_the_session_once
            }
            web_limits {
                atk_s02_idle_ends_at_the_exact_second
                atk_s08_use_does_not_stretch_the_absolute_limit
                atk_s08_clock_jumps
                atk_s08_the_year_2038_and_later
                limits_without_end
                a_session_in_use_does_not_idle_out_by_its_refreshes
            }
            web_login {
                atk_s05_a_whole_login_and_its_cookies
                atk_f01_another_browser_cannot_finish_a_login
                atk_f02_f03_answers_that_belong_to_no_login
                atk_f02_a_state_is_good_once
                atk_r01_return_to_stays_at_home
                a_logout_ends_the_session_here_and_there
                atk_s10_another_site_logs_nobody_out
                a_body_without_measure_is_refused
                atk_t09_nothing_is_seen_of_a_session_in_the_log
                p13_clocks_differ_by_the_leeway
            }
            web_navigation {
                atk_m08_a_person_is_sent_to_the_login
                atk_m08_everything_else_is_told
                atk_m08_a_step_up_names_what_it_needs
                atk_m08_what_no_login_mends_is_never_redirected
                a_session_that_is_over_is_redirected_and_its_cookie_deleted
                the_hook_gets_the_reply_of_the_library
                atk_m01_atk_m02_what_a_proxy_says_changes_nothing
            }
            web_races {
                atk_t06_fifty_at_once_refresh_once
                atk_m09_a_browser_that_goes_away_does_not_lose_the_new_refresh_token
                atk_m09_a_callback_dropped_midway_leaves_nothing
                two_logins_of_one_browser
            }
            web_refresh {
                atk_t06_due_at_the_exact_second
                without_a_refresh_token_the_facts_of_the_login_stay
                atk_t08_facts_after_a_refresh
                atk_t08_acr_and_time_of_the_login_stay
                atk_t08_scopes_follow_and_stay_where_nothing_is_said
                atk_t08_permissions_follow_the_new_tokens
                atk_t07_a_refused_refresh_ends_the_session
                atk_t07_an_outage_keeps_the_session_until_the_access_token_dies
                p12_sessions_outlive_an_outage
                atk_t06_another_users_id_token_ends_the_session
                a_provider_that_does_not_rotate
            }
            web_refreshed_session {
                new_tokens_and_new_claims
                atk_t08_permissions_of_the_claims_follow_them
                a_login_that_the_provider_has_ended
                without_a_refresh_token_only_the_claims
                a_provider_that_is_down_keeps_the_session
                nobody_has_no_session_to_refresh
            }
            web_routes {
                what_does_not_exist_below_the_path_is_kept_by_no_cache_either
                a_login_below_another_path
                an_application_below_a_path
                atk_x02_a_body_that_is_too_large_is_not_read_to_its_end
                an_answer_by_form_comes_round_once_more
            }
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
                atk_m04_no_header_opens_a_page
            }
            web_write_back {
                atk_s07_caches_are_told
                a_page_that_asked_nobody_is_left_alone
                headers_of_the_handler_stay
                atk_s07_a_stricter_word_of_the_handler_stands
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

/// The mirror in every response mode; the caller has `App` and `Kind` in scope.
#[macro_export]
macro_rules! mirrored_in_each_response_mode {
    () => {
        mod query {
            use super::{App, Kind};
            use $crate::Query as Mode;
            $crate::mirrored_behaviours! {}
        }
        mod form_post {
            use super::{App, Kind};
            use $crate::FormPost as Mode;
            $crate::mirrored_behaviours! {}
        }
    };
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
