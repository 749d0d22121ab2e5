//! Our own API, answered on the control runtime. Nobody reads a body there.

use std::sync::Arc;

use dialects::{Broken, Dialect};
use http::{Response, StatusCode};

use super::Exchange;
use crate::admin::{self, Asked, Standing};
use crate::body::Answer;
use crate::canonical::Canonical;

impl Exchange<'_> {
    pub(super) async fn admin(&mut self, canonical: Canonical) -> Response<Answer> {
        self.context.door = "portcullis";
        let shared = self.shared();
        let parts = canonical.into_parts();
        let (authority, doorway) = (Arc::clone(&shared.authority), self.doorway.clone());
        let context = self.context.clone();
        let dialects: Vec<&'static dyn Dialect> = shared.own.iter().map(|(dialect, _)| *dialect).collect();
        let keepers = Arc::clone(&shared.keepers);
        let connections = shared.connections.count();
        let in_flight = shared
            .live
            .load()
            .table
            .entries()
            .iter()
            .map(|it| (it.service.name.clone(), it.in_flight()))
            .collect();
        let answered = shared.control.spawn(async move {
            let standing = Standing { keepers: &keepers, connections, in_flight };
            let asked = Asked {
                authority: &authority,
                dialects: &dialects,
                parts: &parts,
                doorway: &doorway,
                context: &context,
                standing: &standing,
            };
            admin::answer(&asked).await
        });
        match answered.await {
            Ok(mut response) => {
                if let Some(broken) = response.extensions_mut().remove::<Broken>() {
                    tracing::error!(request_id = %self.context.request_id, "{}", broken.0);
                }
                response.map(Answer::Text)
            }
            Err(cause) => {
                tracing::error!(request_id = %self.context.request_id, "our own API broke: {cause}");
                self.text(StatusCode::INTERNAL_SERVER_ERROR, "A server error occurred.")
            }
        }
    }
}
