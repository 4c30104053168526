//! What the orphan rule makes every adapter write, written once.

/// Declares the extractor `Auth` and its aliases in an adapter crate. Not part of the public interface.
#[doc(hidden)]
#[macro_export]
macro_rules! extractor {
    () => {
        /// The extractor: `T` is what the handler receives, `R` what the request must prove.
        ///
        /// Dereferences to `T`. There is no public constructor: holding an `Auth` means that the request was
        /// admitted.
        #[derive(Debug, Clone)]
        pub struct Auth<T: $crate::FromAuth, R: $crate::Require = ()>(T, ::core::marker::PhantomData<fn() -> R>);

        /// Yields the validated access **token** of the request.
        pub type Authenticated<R = ()> = Auth<$crate::AccessToken, R>;

        /// Yields the claims of the user behind the request.
        pub type CurrentUser<R = ()> = Auth<$crate::UserInfo, R>;

        /// Yields the user if there is one: absent, invalid **and expired** credentials are `None`; a user who may
        /// not is still refused.
        pub type OptionalUser<R = ()> = Auth<::core::option::Option<$crate::UserInfo>, R>;

        impl<T: $crate::FromAuth, R: $crate::Require> Auth<T, R> {
            fn admitted(principal: T) -> Self {
                Self(principal, ::core::marker::PhantomData)
            }

            /// What the handler receives, by value.
            #[must_use]
            pub fn into_inner(self) -> T {
                self.0
            }
        }

        impl<T: $crate::FromAuth, R: $crate::Require> ::core::ops::Deref for Auth<T, R> {
            type Target = T;

            fn deref(&self) -> &T {
                &self.0
            }
        }
    };
}
