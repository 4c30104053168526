//! The list of behaviours.

/// Mounts every behaviour as a test of the calling crate, for the application type of this name.
#[macro_export]
macro_rules! mount_behaviours {
    ($app:ident) => {
        $crate::mount_behaviours! { $app:
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
                p01_an_application_starts_and_stays_up_without_its_provider
                p01_a_failure_is_remembered_for_a_second
                p02_keys_live_as_long_as_cache_control_says_within_bounds
                p02_a_token_from_the_cache_refreshes_the_keys
                p02_stale_keys_serve_for_an_hour_then_503_then_recovery
                p02_max_stale_is_the_operators_choice
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
            wire {
                atk_d05_documents_that_do_not_end_as_they_should
                atk_d04_a_redirect_on_the_wire
                a_split_horizon_on_the_wire
                p02_the_provider_is_killed_under_traffic
            }
            requirements {
                a_permission_opens_its_route
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
        let list = fs::read_to_string(sources.join("list.rs")).unwrap();
        let listed: BTreeSet<_> = list.split_whitespace().map(str::to_owned).collect();
        let mut found = 0;
        for file in fs::read_dir(sources.join("behaviours")).unwrap() {
            let text = fs::read_to_string(file.unwrap().path()).unwrap();
            for rest in text.split("\npub async fn ").skip(1) {
                let name = rest.split(['<', '(']).next().unwrap();
                assert!(listed.contains(name), "`{name}` is not in the list of mount_behaviours!");
                found += 1;
            }
        }
        assert!(found > 0);
    }
}
