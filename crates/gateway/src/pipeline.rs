//! The page: canonical → service → dialect → authenticate → authorize → forward | refuse.
//!
//! Runs on the data threads, so nothing here waits for a disk or a hash: what memory does not know is asked
//! on the control runtime. Whatever goes wrong on the way to a decision is a refusal.

mod admin;
mod body_proof;
mod carry;
mod failure;
mod own;
mod refusal;
mod route;
mod session;
mod socket;

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Instant;

use dialects::{Dialect, Doorway, Reason, shown_path};
use http::header::{CONNECTION, COOKIE, HOST, STRICT_TRANSPORT_SECURITY, UPGRADE};
use http::{HeaderMap, HeaderValue, Request, Response, StatusCode, Version};
use http_body::Body as _;
use hyper::body::Incoming;
use hyper::ext::ReasonPhrase;
use identity::action::Authentication;
use identity::model::csrf;
use identity::model::principal::{Evidence, Principal};
use identity::model::proof::Presented;
use identity::model::refusal_log::Cause;
use identity::{Context, Denial, Fault, Origin, Refusal};

use crate::access_log::{self, Line};
use crate::body::Answer;
use crate::canonical::{Canonical, Unfit};
use crate::client_ip::{self, Arrival, Client};
use crate::config::Limits;
use crate::headers::REQUEST_ID;
use crate::server::{Connection, Live, Shared};
use crate::service::Entry;
use crate::tuning::Tuning;
use crate::upgrade::{self, Wish};

use self::route::Way;

/// Where a proxy takes encrypted requests, as far as anybody knows.
const HTTPS: u16 = 443;
/// Browsers come encrypted from now on, for two years (RFC 6797), whichever service answers.
const HSTS: HeaderValue = HeaderValue::from_static("max-age=63072000");

/// One request being answered, and what is known of it.
struct Exchange<'a> {
    connection: &'a Arc<Connection>,
    live: Arc<Live>,
    tuning: Arc<Tuning>,
    client: Client,
    context: Context,
    /// Whether the client chose the request's id.
    is_id_chosen: bool,
    doorway: Doorway,
    /// Who answers, for the log.
    service: Option<Arc<Entry>>,
    /// In whose words.
    dialect: Option<&'static dyn Dialect>,
    /// Who asks, once that is known.
    principal: Option<Principal>,
    /// Whether it went on through a session that the gateway has at the service.
    is_through_session: bool,
}

/// A yes: who asks, if anybody, and what was presented.
struct Decision {
    principal: Option<Principal>,
    presented: Presented,
}

/// Answers one request.
pub async fn answer(connection: &Arc<Connection>, request: Request<Incoming>) -> Response<Answer> {
    let began = Instant::now();
    let (mut parts, body) = request.into_parts();
    let mut exchange = Exchange::new(connection, &parts.headers);
    if !exchange.client.is_believed {
        exchange.tuning.sources.remove_from(&mut parts.headers);
    }
    if let Some(host) = exchange.client.host.take()
        && parts.uri.authority().is_none()
    {
        parts.headers.insert(HOST, host);
    }
    let is_http2 = parts.version == Version::HTTP_2;
    let asks_upgrade = parts.headers.contains_key(UPGRADE);
    let method = parts.method.clone();
    let original = parts.uri.clone();
    let canonical = check_size(&parts.headers, &exchange.live.limits)
        .and_then(|()| Canonical::new(parts, &exchange.live.hosts, &exchange.tuning.token_name));
    let (path, mut response) = match canonical {
        Ok(canonical) => {
            let path = canonical.parts().uri.clone();
            (Some(path), exchange.route(canonical, body).await)
        }
        Err(unfit) => (None, exchange.unfit(unfit)),
    };
    if asks_upgrade && response.status() != StatusCode::SWITCHING_PROTOCOLS {
        // What the client sent behind such a request may have been meant for another protocol.
        response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    }
    if let Ok(id) = HeaderValue::from_str(&exchange.context.request_id) {
        // Under this id the logs know the request; a component that says its own keeps it.
        response.headers_mut().entry(REQUEST_ID).or_insert(id);
    }
    if exchange.client.is_secure {
        response.headers_mut().entry(STRICT_TRANSPORT_SECURITY).or_insert(HSTS);
    }
    if !is_http2
        && let Some(Reason(phrase)) = response.extensions_mut().remove::<Reason>()
        && let Ok(phrase) = ReasonPhrase::try_from(phrase.as_bytes())
    {
        // Only HTTP/1.1 has a place for it.
        response.extensions_mut().insert(phrase);
    }
    let shown = || match &path {
        Some(uri) => shown_path(uri.path()),
        None => Cow::Owned(access_log::shown_unfit(original.path())),
    };
    exchange.remember(&method, &shown, &mut response);
    access_log::record(&Line {
        began,
        method: &method,
        path: &shown,
        status: response.status().as_u16(),
        service: exchange
            .service
            .as_ref()
            .map_or_else(|| exchange.dialect.map_or("", Dialect::name), |it| it.service.name.as_str()),
        user: exchange.principal.as_ref().map_or("", |it| it.user().username.as_str()),
        upstream_user: exchange.upstream_user(),
        address: &exchange.context.address,
        request_id: &exchange.context.request_id,
    });
    response
}

impl<'a> Exchange<'a> {
    fn new(connection: &'a Arc<Connection>, headers: &HeaderMap) -> Self {
        let shared = connection.shared();
        let live = shared.live.load_full();
        let tuning = shared.tuning.of(shared.authority.settings());
        let now = shared.installation.clock.now();
        let arrival = Arrival { peer: connection.peer, is_tls: connection.is_tls, headers };
        let client = client_ip::resolve(&arrival, &live.trusted_proxies, &tuning.sources, || {
            live.proxy_keys.have_signed(headers, now, tuning.trusted_proxy_life)
        });
        let chosen_id = request_id(headers);
        let is_id_chosen = chosen_id.is_some();
        let context = Context {
            request_id: chosen_id.unwrap_or_else(|| connection.thread.new_request_id()),
            address: client.address.to_string(),
            door: "proxy",
            now,
        };
        Self {
            connection,
            tuning,
            doorway: Doorway {
                is_secure: client.is_secure,
                resource_metadata: shared.resource_metadata,
                https_port: if client.is_plain_at_proxy {
                    Some(HTTPS)
                } else {
                    // Where a proxy speaks for the client, our port is none that the client could reach.
                    shared.https_port.filter(|_| !connection.is_tls && !client.is_believed)
                },
                ..Doorway::default()
            },
            live,
            client,
            context,
            is_id_chosen,
            service: None,
            dialect: None,
            principal: None,
            is_through_session: false,
        }
    }

    fn shared(&self) -> &'a Arc<Shared> {
        self.connection.shared()
    }

    async fn route(&mut self, canonical: Canonical, body: Incoming) -> Response<Answer> {
        self.doorway.host.push_str(canonical.host());
        let shared = self.shared();
        match route::find(shared, &self.live.table, canonical.host_name(), canonical.path()) {
            Way::Admin => Box::pin(self.admin(canonical)).await,
            Way::Own((dialect, router)) => Box::pin(self.own(*dialect, router, canonical, body)).await,
            Way::Prefixed((dialect, router), path) => {
                self.doorway.prefix = shared.prefix.unwrap_or_default();
                match canonical.at(path) {
                    Ok(canonical) => Box::pin(self.own(*dialect, router, canonical, body)).await,
                    Err(unfit) => self.unfit(unfit),
                }
            }
            Way::Service(entry) => self.serve(entry, canonical, body).await,
            Way::Nowhere => {
                if !body.is_end_stream() {
                    Box::pin(self.let_arrive(canonical.parts(), body.into())).await;
                }
                self.text(StatusCode::NOT_FOUND, "Not found.")
            }
        }
    }

    /// Decides about a request to a service, and carries the decision out.
    async fn serve(&mut self, entry: Arc<Entry>, canonical: Canonical, body: Incoming) -> Response<Answer> {
        self.service = Some(Arc::clone(&entry));
        self.dialect = Some(entry.service.dialect);
        self.doorway.expired_session = entry.service.expired_session;
        let wish = upgrade::wish(canonical.parts());
        if wish == Wish::Other {
            return self.unfit(Unfit {
                status: StatusCode::BAD_REQUEST,
                reason: "upgrade to this protocol is not possible",
            });
        }
        let mut presented = entry.service.dialect.read_proof(canonical.parts(), &self.doorway);
        presented.is_safe = canonical.is_safe();
        if let Some(path) = entry.moved_path(canonical.path()) {
            // A portal is what the service takes it for.
            presented.portal = entry.service.dialect.portal(path).or(presented.portal);
        }
        let body = match self.body_proof(&entry, canonical.parts(), body, &mut presented).await {
            Ok(body) => body,
            Err(unread) => return *unread,
        };
        let decided = self.decide(&entry, &canonical, &presented, wish).await;
        let decided = decided.and_then(|()| self.check_guard(&entry, &canonical));
        let mut response = if let Err(refusal) = decided {
            if !body.is_end_stream() {
                Box::pin(self.let_arrive(canonical.parts(), body)).await;
            }
            self.refuse(&entry, canonical.parts(), &refusal)
        } else {
            self.is_through_session = self.principal.is_some() && entry.keeper.is_some();
            let change = self.change(&canonical);
            let carried = match wish {
                Wish::WebSocket => {
                    let (principal, presented) = (self.principal.clone(), presented.clone());
                    let decision = Decision { principal, presented };
                    Box::pin(self.socket(&entry, canonical, body, decision)).await
                }
                Wish::None | Wish::Other => self.carry(&entry, canonical, body, &presented).await,
            };
            let response = carried.unwrap_or_else(|failure| self.failure(failure));
            self.audit_change(change, &response);
            response
        };
        self.keep_alive(&entry, &presented, &mut response);
        response
    }

    /// Tells a client whose session was used that it was, in the contract's words: after everything of that
    /// name that the service said was taken off.
    fn keep_alive(&self, entry: &Entry, presented: &Presented, response: &mut Response<Answer>) {
        let is_switched = response.status() == StatusCode::SWITCHING_PROTOCOLS;
        if let Some(principal) = &self.principal
            && matches!(principal.evidence, Evidence::Session(_))
            && !presented.is_quiet
            && !is_switched
        {
            let dialect = entry.service.dialect;
            dialect.keep_alive(presented, principal, &self.doorway, response.headers_mut());
        }
    }

    /// The decision: who asks, and whether the service is open to them. A yes leaves in `principal` whom the
    /// request goes on for, if for anybody; a no leaves there who was refused.
    async fn decide(
        &mut self,
        entry: &Entry,
        canonical: &Canonical,
        presented: &Presented,
        wish: Wish,
    ) -> Result<(), Refusal> {
        let is_public = entry.is_public(canonical.path());
        if is_public && presented.is_empty() {
            return Ok(());
        }
        let principal = match authenticate(self.shared(), presented, &self.context).await? {
            Authentication::Known(principal) => self.principal.insert(principal),
            Authentication::Anonymous(_) if is_public => return Ok(()),
            Authentication::Anonymous(end) => return Err(Denial::NoProof(end).into()),
        };
        self.connection.shared().authority.authorize(principal, presented, &self.context)?;
        if let Some(tenant) = principal.tenant.as_deref()
            && !is_public
            && !session::is_told_of_tenants(self.connection.shared(), entry, tenant)
        {
            // The service would not know of the tenant, and do for the provider what is meant for the tenant.
            self.shared().authority.refusals.note(&self.context.request_id, Cause::Tenant);
            return Err(Denial::NotPermitted.into());
        }
        if !entry.service.allow.allows(principal) {
            if !is_public {
                self.shared().authority.refusals.note(&self.context.request_id, Cause::Policy);
                return Err(Denial::NotPermitted.into());
            }
            // Whoever may not use the service may still see what everybody may, as nobody.
            self.principal = None;
            return Ok(());
        }
        if wish == Wish::WebSocket && matches!(principal.evidence, Evidence::Session(_)) {
            csrf::check_source(&presented.evidence, self.tuning.trusted_origins()).map_err(Denial::Forged)?;
        }
        Ok(())
    }
}

/// Judges what was presented: from memory here, else on the control runtime.
async fn authenticate(
    shared: &Shared,
    presented: &Presented,
    context: &Context,
) -> Result<Authentication, Refusal> {
    match shared.authority.recall(presented, context) {
        Some(judged) => judged,
        // What is not usual lies on the heap, so that the future of a usual request stays small.
        None => Box::pin(ask(shared, presented, context)).await,
    }
}

async fn ask(shared: &Shared, presented: &Presented, context: &Context) -> Result<Authentication, Refusal> {
    let authority = Arc::clone(&shared.authority);
    let (presented, context) = (presented.clone(), context.clone());
    let judged =
        shared.control.spawn(async move { authority.authenticate(&presented, &context).await }).await;
    judged.unwrap_or_else(|cause| Err(Fault::caused(Origin::Internal, "no verdict on a proof", cause).into()))
}

/// Logs a fault with its causes.
fn log_fault(fault: &Fault, context: &Context) {
    tracing::error!(request_id = %context.request_id, "{}", fault.chain());
}

/// The id that the client gave, if it is a UUID.
fn request_id(headers: &HeaderMap) -> Option<String> {
    let id = headers.get(REQUEST_ID)?.to_str().ok()?;
    let is_uuid = id.len() == 36
        && id.bytes().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        });
    is_uuid.then(|| id.to_owned())
}

/// Refuses a head that is larger than it may be: the parser of HTTP/1 notices only when its buffer is full,
/// and that may hold twice as much; that of HTTP/2 does not count fields.
fn check_size(headers: &HeaderMap, limits: &Limits) -> Result<(), Unfit> {
    // Four bytes for the colon, a space and the line's end.
    let size: usize = headers.iter().map(|(name, value)| name.as_str().len() + value.len() + 4).sum();
    // Browsers send each cookie as a field of its own over HTTP/2; they become one.
    let count = headers.len() - headers.get_all(COOKIE).iter().count();
    if size <= limits.head_max && count <= limits.headers_max {
        return Ok(());
    }
    Err(Unfit { status: StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE, reason: "head too large" })
}

/// The dialects' own endpoints.
pub type Own = (&'static dyn Dialect, axum::Router);
