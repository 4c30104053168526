//! Strings that must not be seen.

use std::fmt;

use zeroize::Zeroize;

/// A secret string: a client secret, a raw token.
///
/// # Security
/// `Debug` is redacted, the memory is overwritten on drop, and there is no `PartialEq`: comparing secrets with
/// `==` stops at the first different byte and tells an attacker how far a guess was right. Inside the library
/// secrets are compared in one place, in constant time.
///
/// ```compile_fail,E0369
/// # use portcullis::Secret;
/// let same = Secret::from("a") == Secret::from("a"); // J21: no `PartialEq`
/// ```
#[derive(Clone)]
pub struct Secret(Box<str>);

impl Secret {
    /// The secret itself. Keep it out of logs, errors and URLs.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl From<&str> for Secret {
    fn from(value: &str) -> Self {
        Self(value.into())
    }
}

impl From<String> for Secret {
    fn from(value: String) -> Self {
        Self(value.into_boxed_str())
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

impl Drop for Secret {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Comparable<T>(std::marker::PhantomData<T>);

    trait Otherwise {
        const YES: bool = false;
    }

    impl<T> Otherwise for Comparable<T> {}

    // An inherent constant comes before that of a trait, so this one is seen wherever it exists.
    impl<T: PartialEq> Comparable<T> {
        const YES: bool = true;
    }

    #[test]
    fn atk_j21_secrets_cannot_be_compared_or_printed() {
        const { assert!(Comparable::<String>::YES && !Comparable::<Secret>::YES) };
        let secret = Secret::from("canary");
        assert!(!format!("{secret:?} {:?}", Some(&secret)).contains("canary"));
        assert_eq!(secret.clone().expose(), "canary");
    }
}
