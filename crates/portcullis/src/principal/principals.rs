//! The principals of the library.

use std::ops::Deref;

use super::admission::{Admission, FromAuth};
use crate::error::AuthError;
use crate::token::AccessToken;
use crate::userinfo::UserInfo;

/// Only enforces: the handler needs to know that the request is admitted, not by whom.
impl FromAuth for () {
    async fn from_auth(admission: &Admission<'_>) -> Result<Self, AuthError> {
        admission.token().map(drop)
    }
}

impl FromAuth for AccessToken {
    async fn from_auth(admission: &Admission<'_>) -> Result<Self, AuthError> {
        admission.token().cloned()
    }
}

impl FromAuth for UserInfo {
    async fn from_auth(admission: &Admission<'_>) -> Result<Self, AuthError> {
        admission.user_info().await
    }
}

/// Claims that were asked from the provider for this very request, or for another one of the same user that was on its
/// way just then; the cache, or the session of the request, has them from then on too.
///
/// A session that has not kept its access token (it did not fit into the cookies) is refreshed to get one; without a
/// refresh token the answer is 503, and never the claims that there were before.
#[derive(Debug, Clone, PartialEq)]
pub struct Fresh<T>(pub T);

impl<T> Deref for Fresh<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl FromAuth for Fresh<UserInfo> {
    async fn from_auth(admission: &Admission<'_>) -> Result<Self, AuthError> {
        admission.fresh_user_info().await.map(Self)
    }
}

/// The session of this request, refreshed: new tokens from the provider and the user's claims asked anew.
///
/// Where the provider ends the login the session has ended, and the browser's cookie goes (`attach` takes it there).
/// Without a refresh token, and for a bearer token, only the claims are asked.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum RefreshedSession {
    /// The session goes on.
    Active(UserInfo),
    /// The provider has ended the login: nobody is logged in any more.
    Ended,
}

impl FromAuth for RefreshedSession {
    async fn from_auth(admission: &Admission<'_>) -> Result<Self, AuthError> {
        Ok(admission.refresh_session().await?.map_or(Self::Ended, Self::Active))
    }
}

macro_rules! tuples {
    ($(($($member:ident),+))+) => {$(
        impl<$($member: FromAuth),+> FromAuth for ($($member,)+) {
            async fn from_auth(admission: &Admission<'_>) -> Result<Self, AuthError> {
                Ok(($($member::from_auth(admission).await?,)+))
            }
        }
    )+};
}

tuples! { (A, B) (A, B, C) (A, B, C, D) }
