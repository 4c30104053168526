//! The list of behaviours.

/// Mounts every behaviour as a test of the calling crate, for the application type of this name.
#[macro_export]
macro_rules! mount_behaviours {
    ($app:ident) => {
        $crate::mount_behaviours! { $app:
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
