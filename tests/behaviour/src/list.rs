//! The list of behaviours.

/// Mounts every behaviour as a test of the calling crate, for the application type of this name.
#[macro_export]
macro_rules! mount_behaviours {
    ($app:ident) => {
        $crate::mount_web_behaviours! { $app }
        $crate::mount_behaviours! { $app:
            claims {
                atk_c01_issuer
                atk_c02_audience
                atk_c04_expiry
                atk_c05_issued_and_not_before
                atk_c10_subject
                atk_j14_duplicate_claims
                atk_a04_what_rfc_9068_requires
                atk_a05_tokens_of_other_places
                atk_a06_scopes_are_compared_whole
                atk_a06_permissions_are_a_list_compared_whole
                a_token_bound_to_a_key_is_no_bearer_token
                atk_a15_an_unlisted_issuer_causes_no_request
            }
            confusion {
                atk_j17_generic_takes_only_at_jwt
                atk_j17_fief_tells_id_tokens_by_their_claims
                atk_a04_only_a_profile_relaxes
            }
            credentials {
                atk_a01_absent
                atk_a01_malformed
                atk_a01_two_headers
                atk_a01_never_in_the_query
                atk_a01_never_in_body_or_cookie
                atk_a01_well_formed
                atk_a02_nothing_of_a_request_gets_into_a_challenge
                atk_a03_each_refusal_has_its_code
                atk_a16_no_token_is_echoed
                atk_a16_other_methods_are_guarded_alike
                a_body_is_left_to_the_handler
            }
            header {
                atk_j01_alg_none
                atk_j02_alg_is_an_exact_name
                atk_j09_crit
                atk_j10_unencoded_and_detached_payloads
                atk_j11_json_serializations
                atk_j12_segments_and_base64url
                atk_j13_not_an_object
                atk_j14_duplicate_header_members
                atk_j18_nested_tokens
            }
            limits {
                atk_j15_tokens_beyond_8_kib
                atk_j15_nesting_and_many_members
                atk_j15_a_kid_of_257_bytes
                atk_j16_hostile_key_ids
                atk_x03_json_that_costs_time
            }
            principals {
                every_route_gives_what_it_promises
                routes_without_a_principal_answer_too
                current_user_gives_the_claims_as_the_provider_sent_them
                a_request_is_validated_once
                three_extractors_ask_about_the_user_once
                current_and_fresh_user_in_one_handler_ask_once
                a_token_alone_asks_nobody_about_the_user
                atk_a04_a_machine_is_no_user
                a_machine_lacking_a_permission_hears_that_first
                a_group_refuses_before_its_handlers
                three_kinds_of_optional
                an_outage_is_never_anonymous
                userinfo_out_of_reach_is_never_anonymous
                a_token_that_the_provider_refuses_is_nobody_where_users_are_optional
            }
            refusals {
                own_words_keep_status_and_challenge
                the_default_words
                own_words_may_replace_everything
                own_words_are_only_for_refusals
                authenticated_answers_stay_out_of_shared_caches
                a_handlers_own_caching_rules
                refusals_are_not_cached
                public_answers_are_left_alone
            }
            requirements {
                a_permission_opens_its_route
                a_scope_opens_its_route
                both_are_needed_and_the_scope_is_reported_first
                any_of_several_ways_is_enough
                an_acr_in_the_list_means_at_least
                an_acr_outside_the_list_means_equality
                strong_is_the_last_of_the_list
                permission_before_step_up
                what_a_new_login_cannot_mend_is_reported_first
                strong_without_levels_is_a_mistake_of_the_application
                a_login_is_recent_for_max_age_and_leeway
                a_login_grows_old_while_its_token_is_cached
            }
            secrecy {
                no_token_is_seen_in_a_log_or_an_answer
                no_credential_elsewhere_in_a_request_is_seen
                nothing_of_the_providers_answers_is_seen
                nothing_with_a_token_in_it_shows_it_as_text
            }
            signature {
                atk_j03_public_key_as_hmac_secret
                atk_j04_a_key_without_alg_serves_the_allowed_algorithms_of_its_type
                atk_j05_a_key_with_alg_serves_nothing_else
                atk_j06_curve_and_algorithm_belong_together
                atk_j07_ecdsa_edge_values
                atk_j08_keys_that_a_token_brings
                atk_j19_a_withdrawn_key_withdraws_its_tokens
                atk_j19_tokens_alike_in_a_long_prefix
                atk_j19_a_cached_token_dies_with_its_exp
                atk_j20_rsa_signature_forms
            }
            userinfo {
                one_question_serves_every_token_of_a_grant
                another_grant_is_a_miss_and_takes_the_place
                claims_live_as_long_as_configured
                claims_live_no_longer_than_the_token_that_fetched_them
                claims_live_five_minutes_if_nothing_is_configured
                fresh_asks_and_the_others_profit
                a_fresh_failure_leaves_the_cache_as_it_was
                many_at_once_ask_once
                one_refused_token_does_not_refuse_another_of_the_user
                one_user_does_not_wait_for_another
                a_cache_that_fails_is_a_miss_and_a_warning
                p04_a_cache_that_never_answers_is_a_miss_and_a_warning
                atk_c12_a_cache_that_mixes_users_up_is_not_believed
            }
            userinfo_answers {
                the_providers_own_verdict
                atk_c12_answers_that_are_not_this_users_claims
                atk_c12_a_user_never_sees_anothers_claims
                atk_c15_distributed_claims_are_not_fetched
            }
            keys {
                atk_k01_an_rsa_key_with_bad_numbers
                atk_k01_leading_zeros_of_a_modulus_are_stripped
                atk_k02_a_point_that_is_none
                atk_k03_a_published_secret_verifies_nothing
                atk_k03_private_members_are_not_used
                atk_k04_one_name_for_two_types_of_key
                atk_k04_one_name_for_many_equal_keys_costs_eight_signature_checks
                atk_k05_unknown_and_malformed_entries_are_skipped
                atk_k05_key_sets_that_are_too_large
                atk_k06_a_key_for_another_purpose
                atk_k09_a_new_key_is_used_at_once
                atk_k09_all_keys_replaced
                atk_k09_one_key_removed
                atk_k09_a_name_reused_for_new_material
                atk_k09_a_background_refresh_withdraws_a_key
            }
            key_budget {
                atk_k07_a_flood_of_unknown_key_ids_costs_four_fetches
                atk_k07_a_flood_of_requests_at_the_same_time
                atk_k07_good_tokens_do_not_wait_for_the_fetch_of_a_stranger
                atk_k07_an_unknown_key_id_is_remembered_for_ten_seconds
                p05_the_budget_for_unknown_key_ids
                p05_the_pause_after_a_failure_costs_no_budget
                atk_k09_a_fetch_that_left_before_the_rotation_is_no_answer
                p05_an_unknown_key_id_while_the_provider_is_down
                atk_k08_a_flood_of_bad_signatures_costs_one_fetch_a_minute
                atk_k08_the_budgets_are_apart
                atk_k08_a_bad_signature_while_the_provider_is_down
                atk_k07_tokens_refused_by_cheap_checks_are_not_looked_up
                atk_k13_a_fetch_fails_while_several_wait
                atk_k13_a_refetch_fails_while_several_strangers_wait
            }
            discovery {
                atk_d01_an_issuer_that_differs
                atk_d01_a_setting_that_differs_by_a_slash
                atk_d02_endpoints_that_no_request_may_go_to
                atk_d02_an_internal_url_is_the_only_place
                atk_d04_redirects_are_not_followed
                atk_d06_a_bad_refresh_of_the_metadata_changes_nothing
                atk_d06_bad_metadata_ends_in_503
                atk_d06_changed_endpoints_are_followed
                a_document_needs_little_and_may_say_more
                the_order_of_the_well_known_places
                a_broken_document_is_not_looked_for_elsewhere
                issuers_with_a_path_and_with_a_slash
                a_split_horizon
            }
            outage {
                a_new_key_is_found_soon_after_a_fetch_has_failed
                p01_an_application_starts_and_stays_up_without_its_provider
                p01_a_failure_is_remembered_for_a_second
                p02_keys_live_as_long_as_cache_control_says_within_bounds
                p02_a_token_from_the_cache_refreshes_the_keys
                p02_stale_keys_serve_for_an_hour_then_503_then_recovery
                p02_max_stale_is_the_operators_choice
                p02_a_provider_that_swallows_requests_costs_no_good_token
                p02_recovery_does_not_wait_for_the_pause_of_stale_keys
                p02_stale_keys_are_refreshed_once_in_ten_seconds
                p03_stale_keys_serve_for_errors_only
                p03_a_good_answer_without_the_key_is_final
                p03_keys_rotated_during_an_outage
                atk_k10_an_unusable_answer_keeps_the_last_good_keys
                atk_k10_an_unusable_first_answer_opens_nothing
                p06_two_tries_and_none_after_a_no
                p06_the_second_try_saves_the_request
                a_warm_request_asks_nobody
            }
            load {
                p18_a_thousand_first_requests_make_one_discovery_and_one_key_fetch
                p18_the_herd_at_expiry_and_at_rotation
                p04_one_question_per_user
                p04_a_first_waiter_that_goes_away_breaks_nothing
                p04_a_fetch_that_nobody_waits_for_is_not_lost
                p04_a_request_dropped_anywhere_leaves_no_trace
                p04_a_request_waits_five_seconds_at_most
                p04_slow_answers_share_the_five_seconds
                p04_a_fetch_that_hangs_ends_by_itself
                p04_userinfo_fails_for_many_at_once
            }
            web_store {
                atk_s11_ids_have_256_bits_and_are_new_at_each_login
                atk_s12_a_store_sees_nothing_in_clear
                atk_p09_a_store_that_is_down_is_503_for_everybody
                atk_p09_no_cookie_where_the_session_could_not_be_stored
                atk_s12_a_row_under_another_key_or_changed_is_no_session
                a_write_happens_seldom
                a_request_sets_no_cookie
            }
            wire {
                atk_d05_documents_that_do_not_end_as_they_should
                atk_d04_a_redirect_on_the_wire
                a_split_horizon_on_the_wire
                p02_the_provider_is_killed_under_traffic
            }
        }
    };
    ($app:ident: $($module:ident { $($behaviour:ident)* })*) => {$(
        mod $module {
            $(
                #[tokio::test]
                async fn $behaviour() {
                    $crate::$module::$behaviour::<super::$app>().await;
                }
            )*
        }
    )*};
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fs;
    use std::path::Path;

    /// A behaviour that nobody mounts is a promise without a proof.
    #[test]
    fn every_behaviour_is_in_the_list() {
        let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        let lists = ["list.rs", "list_web.rs"].map(|list| fs::read_to_string(sources.join(list)).unwrap());
        let listed: BTreeSet<_> = lists.iter().flat_map(|list| list.split_whitespace()).collect();
        let texts = fs::read_dir(sources.join("behaviours")).unwrap();
        let texts: Vec<_> = texts.map(|file| fs::read_to_string(file.unwrap().path()).unwrap()).collect();
        let behaviours = texts.iter().flat_map(|text| text.split("\npub async fn ").skip(1));
        let names = behaviours.map(|rest| rest.split(['<', '(']).next().unwrap());
        let names: Vec<_> = names.chain(crate::mirror::TABLE.iter().copied()).collect();
        assert!(!names.is_empty());
        for name in names {
            assert!(listed.contains(name), "`{name}` is not in the list of mount_behaviours!");
        }
    }
}
