//! What the login page sends.

use bytes::Bytes;
use http::{Request, Response};

use super::super::cookie;
use super::super::interaction::{self, Sent};
use super::{login_page, proceed};
use crate::flow::Purpose;
use crate::provider::State;

pub(in crate::endpoint) fn answer(state: &State, request: &Request<Bytes>) -> Response<Bytes> {
    let Some(Sent { interaction, form }) = interaction::read(state, request) else { return interaction::expired() };
    let Purpose::Login(asked) = interaction.purpose.clone() else { return interaction::expired() };
    let typed = form.get("username").unwrap_or_default();
    let Some(subject) = state.users().meant_by(typed) else {
        let problem = format!("There is no user {typed:?} here.");
        return login_page(state, &interaction, &asked, typed, Some(&problem));
    };
    let now = state.clock.unix();
    let (visitor, login) = {
        let mut visitors = state.visitors();
        visitors.close(&interaction.id);
        let visitor = visitors.sign_in(&interaction.visitor, &subject, now);
        let login = visitors.login(&visitor);
        (visitor, login)
    };
    let Some(login) = login else { return interaction::expired() };
    let mut response = proceed(state, &visitor, &login, asked, true);
    cookie::set(state, &mut response, &visitor);
    response
}
