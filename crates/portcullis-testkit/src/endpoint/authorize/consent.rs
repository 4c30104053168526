//! What the consent page sends.

use bytes::Bytes;
use http::{Request, Response};

use super::super::interaction::{self, Sent};
use super::{give_code, reply};
use crate::flow::Purpose;
use crate::provider::State;

pub(in crate::endpoint) fn answer(state: &State, request: &Request<Bytes>) -> Response<Bytes> {
    let Some(Sent { interaction, form }) = interaction::read(state, request) else { return interaction::expired() };
    let Purpose::Consent { request: asked, fresh } = interaction.purpose else { return interaction::expired() };
    let Some(login) = state.visitors().login(&interaction.visitor) else { return interaction::expired() };
    state.visitors().close(&interaction.id);
    if form.get("decision") != Some("allow") {
        return reply::refuse(state, &asked.reply_to, "access_denied", "the user said no");
    }
    state.visitors().consent(&login.subject, &asked.client_id, &asked.scope);
    give_code(state, &interaction.visitor, &login, asked, fresh)
}
