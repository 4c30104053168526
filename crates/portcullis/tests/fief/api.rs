//! An API that Fief's tokens open.

use http::Request;
use portcullis::{AccessToken, AuthError, Guard, Head, InvalidToken, Profile, UserInfo};
use portcullis_testkit::{Algorithm, Endpoint, TestProvider, TokenBuilder};

/// An API behind Fief: its audience is the client's id.
pub(crate) struct Api {
    pub(crate) server: TestProvider,
    pub(crate) guard: Guard,
}

impl Api {
    pub(crate) fn new() -> Self {
        Self::at(TestProvider::builder().algorithms([Algorithm::Rs256]).in_memory())
    }

    pub(crate) fn at(server: TestProvider) -> Self {
        let guard = Guard::api(server.issuer(), TestProvider::CLIENT_ID).profile(Profile::FIEF);
        let guard = guard.http_client(server.http_client()).clock(server.clock());
        Self { guard: guard.build().unwrap(), server }
    }

    pub(crate) fn token(&self) -> TokenBuilder {
        self.server.token().user("alice").fief()
    }

    pub(crate) async fn admits(&self, token: &str) -> Result<AccessToken, AuthError> {
        let request = Request::get("/castles").header("authorization", format!("Bearer {token}")).body(()).unwrap();
        let admitted = self.guard.attempt(&Head::of(&request)).principal::<AccessToken>().await;
        assert_eq!(self.server.requests(Endpoint::UserInfo), 0, "a token is validated here");
        admitted.map_err(|refusal| refusal.error().clone())
    }

    pub(crate) async fn current_user(&self, token: &str) -> Result<UserInfo, AuthError> {
        let request = Request::get("/me").header("authorization", format!("Bearer {token}")).body(()).unwrap();
        let admitted = self.guard.attempt(&Head::of(&request)).principal::<UserInfo>().await;
        admitted.map_err(|refusal| refusal.error().clone())
    }

    pub(crate) async fn refuses(&self, name: &str, token: &str, reason: InvalidToken) {
        match self.admits(token).await {
            Err(AuthError::InvalidToken(found)) => assert_eq!(found, reason, "{name}"),
            other => panic!("{name}: {other:?}"),
        }
    }
}
