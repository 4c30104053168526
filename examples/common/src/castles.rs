//! What the applications have to protect.

use std::sync::{Arc, PoisonError, RwLock};

use serde::{Deserialize, Serialize};

/// A castle.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Castle {
    pub name: String,
}

/// What a client may say about a castle to build; everything is optional.
#[derive(Debug, Default, Deserialize)]
pub struct NewCastle {
    pub name: Option<String>,
}

/// The castles, shared by all handlers.
#[derive(Debug, Clone)]
pub struct Castles(Arc<RwLock<Vec<Castle>>>);

impl Castles {
    /// More castles than this nobody needs in an example.
    const MOST: usize = 100;

    pub fn all(&self) -> Vec<Castle> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub fn build(&self, plan: NewCastle) -> Castle {
        let castle = Castle { name: plan.name.unwrap_or_else(|| "Suscinio".to_owned()) };
        let mut castles = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if castles.len() < Self::MOST {
            castles.push(castle.clone());
        }
        castle
    }
}

impl Default for Castles {
    fn default() -> Self {
        let names = ["Nantes", "Josselin", "Fougères"];
        Self(Arc::new(RwLock::new(names.map(|name| Castle { name: name.to_owned() }).into())))
    }
}
