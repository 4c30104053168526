//! Drives the provider client from outside: one JSON command a line in, one JSON answer a line out.
//!
//! The interop script plays the browser; this program plays the application. It is configured by the `PORTCULLIS_*`
//! variables, prints tokens on purpose, and is part of no release.

use std::error::Error;
use std::time::Duration;

use portcullis::{Authorization, Provider, ProviderError, Secret, Tokens};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, BufReader, stdin};
use url::Url;

#[derive(Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
enum Command {
    Authorize {
        redirect_uri: String,
        #[serde(default)]
        scopes: Vec<String>,
        #[serde(default)]
        acr_values: Vec<String>,
        max_age: Option<u64>,
        language: Option<String>,
    },
    Exchange {
        callback: String,
    },
    UserInfo,
    Refresh,
    /// The refresh token that the last refresh took the place of.
    RefreshWithOld,
    Logout {
        redirect_uri: String,
    },
}

#[derive(Default)]
struct Session {
    login: Option<Authorization>,
    tokens: Option<Tokens>,
    old_refresh_token: Option<Secret>,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let provider = Provider::from_env()?.build()?;
    let mut session = Session::default();
    let mut lines = BufReader::new(stdin()).lines();
    println!("{}", json!({"ready": true}));
    while let Some(line) = lines.next_line().await? {
        let answer = match session.run(&provider, serde_json::from_str(&line)?).await {
            Ok(answer) => answer,
            Err(error) => json!({"error": error.reason(), "message": error.to_string()}),
        };
        println!("{answer}");
    }
    Ok(())
}

impl Session {
    async fn run(&mut self, provider: &Provider, command: Command) -> Result<Value, ProviderError> {
        match command {
            Command::Authorize { redirect_uri, scopes, acr_values, max_age, language } => {
                let mut request = provider.authorize_url(redirect_uri).acr_values(acr_values).ui_locales(language);
                if !scopes.is_empty() {
                    request = request.scopes(scopes);
                }
                if let Some(seconds) = max_age {
                    request = request.max_age(Duration::from_secs(seconds));
                }
                let login = request.build().await?;
                let answer = json!({"url": login.url});
                self.login = Some(login);
                Ok(answer)
            }
            Command::Exchange { callback } => self.exchange(provider, &callback).await,
            Command::UserInfo => self.user_info(provider).await,
            Command::Refresh => {
                let refresh_token = self.tokens.as_ref().and_then(Tokens::refresh_token).cloned();
                self.refresh(provider, refresh_token).await
            }
            Command::RefreshWithOld => self.refresh(provider, self.old_refresh_token.clone()).await,
            Command::Logout { redirect_uri } => {
                let id_token = self.tokens.as_ref().and_then(Tokens::id_token);
                let mut request = provider.end_session_url().post_logout_redirect_uri(redirect_uri);
                if let Some(id_token) = id_token {
                    request = request.id_token_hint(id_token);
                }
                Ok(json!({"url": request.build().await?}))
            }
        }
    }

    async fn exchange(&mut self, provider: &Provider, callback: &str) -> Result<Value, ProviderError> {
        let Some(login) = &self.login else { return Ok(json!({"error": "no login has begun"})) };
        let parameter = |name: &str| {
            let url = Url::parse(callback).ok()?;
            url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
        };
        if !login.transaction.matches_state(&parameter("state").unwrap_or_default()) {
            return Ok(json!({"error": "state"}));
        }
        let tokens = provider.exchange_code(&parameter("code").unwrap_or_default(), &login.transaction).await?;
        let answer = shown(&tokens);
        self.tokens = Some(tokens);
        Ok(answer)
    }

    async fn user_info(&self, provider: &Provider) -> Result<Value, ProviderError> {
        let Some(tokens) = &self.tokens else { return Ok(json!({"error": "nobody is logged in"})) };
        let subject = tokens.id_token().map_or("", |id_token| id_token.subject());
        Ok(json!({"claims": provider.user_info(tokens.access_token(), subject).await?}))
    }

    async fn refresh(&mut self, provider: &Provider, token: Option<Secret>) -> Result<Value, ProviderError> {
        let id_token = self.tokens.as_ref().and_then(Tokens::id_token).cloned();
        let (Some(refresh_token), Some(id_token)) = (token, id_token) else {
            return Ok(json!({"error": "no refresh token"}));
        };
        let tokens = provider.refresh(&refresh_token, &id_token).await?;
        let answer = shown(&tokens);
        self.old_refresh_token = Some(refresh_token);
        self.tokens = Some(tokens);
        Ok(answer)
    }
}

fn shown(tokens: &Tokens) -> Value {
    let claims = tokens.id_token().and_then(|id_token| id_token.claims::<Value>().ok());
    json!({
        "access_token": tokens.access_token().expose(),
        "id_token": tokens.id_token().map(|id_token| id_token.secret().expose()),
        "has_refresh_token": tokens.refresh_token().is_some(),
        "expires_in": tokens.expires_in().map(|life| life.as_secs()),
        "scopes": tokens.scopes().collect::<Vec<_>>(),
        "claims": claims,
    })
}
