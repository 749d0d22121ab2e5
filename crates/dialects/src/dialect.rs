//! What a dialect is: the trait that all of them answer. Its client half is [`ClientHalf`].
//!
//! To add a dialect:
//!
//! 1. Copy a dialect's folder; it has `mod.rs`, `wire.rs`, `server.rs` (or `server/`), `denial.rs`,
//!    `client.rs`, `tests.rs` and `transcripts/`.
//! 2. Change `wire.rs` and the transcripts to the new contract.
//! 3. Make `tests.rs` green: it plays every transcript against both halves.
//! 4. Add one line to [`ALL`](crate::ALL).

use std::borrow::Cow;
use std::sync::Arc;

use bytes::Bytes;
use http::request::Parts;
use http::{Extensions, HeaderMap, Response, StatusCode};
use identity::model::portal::Portal;
use identity::model::principal::Principal;
use identity::model::proof::Presented;
use identity::{Authority, Denial, Refusal};

use crate::client_half::ClientHalf;

/// One of the five contracts. It spells, in both directions; it decides nothing.
pub trait Dialect: Send + Sync {
    /// Its name in configurations, logs and commands.
    fn name(&self) -> &'static str;

    /// Whether a canonical path is one of this contract's own endpoints. Such a path is answered by
    /// [`Self::routes`] and never forwarded.
    fn owns(&self, path: &str) -> Owned;

    /// The own endpoints. Each request carries a [`Doorway`] and an [`identity::Context`] in its extensions.
    fn routes(&self, authority: Arc<Authority>) -> axum::Router;

    /// What a request presents.
    fn read_proof(&self, request: &Parts, doorway: &Doorway) -> Presented;

    /// Puts on the answer to a request by `principal` what keeps its proof alive at the client: a contract
    /// whose sessions end by inactivity tells so with every answer. Most have nothing to say.
    fn keep_alive(
        &self,
        presented: &Presented,
        principal: &Principal,
        doorway: &Doorway,
        headers: &mut HeaderMap,
    ) {
        let _ = (presented, principal, doorway, headers);
    }

    /// How this contract says no, to this request.
    fn refuse(&self, refusal: &Refusal, request: &Parts, doorway: &Doorway) -> Response<Bytes>;

    /// The body of an answer of the gateway itself that is no decision, such as "the service cannot be reached", in
    /// the shape in which this contract's clients read errors: JSON.
    fn failure(&self, status: StatusCode, sentence: &str) -> Bytes {
        let _ = status;
        Bytes::from(serde_json::json!({ "detail": sentence }).to_string())
    }

    /// Whether a request to a service may carry its proof in its body, so that the body has to be read before
    /// anything is decided (Apprenda contract section 1). Most contracts never do.
    fn may_carry_proof_in_body(&self, request: &Parts) -> bool {
        let _ = request;
        false
    }

    /// Takes the proof out of such a body, and puts it into what is presented if nothing else is. What comes back
    /// goes on to the service: no trace of the proof is left in it.
    fn take_proof_from_body(&self, body: Bytes, presented: &mut Presented) -> Bytes {
        let _ = presented;
        body
    }

    /// The portal that a path belongs to, as the service behind knows it, which may have another path than the
    /// client asked for (Apprenda contract section 2). Most contracts have none.
    fn portal(&self, path: &str) -> Option<Portal> {
        let _ = path;
        None
    }

    /// Whether a segment of a path is in the shape of a secret of this contract, wherever it stands: a client that
    /// takes a wrong way shows it to logs as well.
    fn is_secret(&self, segment: &str) -> bool {
        let _ = segment;
        false
    }

    /// How somebody signs in and shows it in this contract, for who asks why a request was refused.
    fn help(&self) -> &'static Help;

    /// The names and marks by which proofs travel, so that none reaches a service behind the gateway.
    fn wire(&self) -> &'static Wire;

    /// The client half.
    fn client(&self) -> &'static dyn ClientHalf;
}

/// Whether a path is a contract's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owned {
    /// It is not.
    No,
    /// It is, and asks for a proof.
    Yes,
    /// It is, and is open without a proof.
    Public,
    /// It is answered here, and asks for a proof, only where no service has the path.
    Spare,
}

/// The cookies and headers that carry a dialect's proofs.
#[derive(Debug)]
pub struct Wire {
    /// Cookies that never reach a service and that no service may set.
    pub cookies: &'static [&'static str],
    /// Headers that never reach a service, beside `Authorization`.
    pub headers: &'static [&'static str],
    /// Whether services of this contract neither get nor set any cookie, because their own sign-in uses them.
    pub keeps_cookies: bool,
    /// Paths of our own endpoints, each ending with a slash, behind which a secret stands: logs do not show what
    /// follows them.
    pub secret_paths: &'static [&'static str],
}

/// How somebody signs in and shows it, in sentences for people.
#[derive(Debug)]
pub struct Help {
    /// How to sign in.
    pub sign_in: &'static str,
    /// What to send with each request afterwards.
    pub proof: &'static str,
    /// What a request that changes something needs beside it.
    pub change: &'static str,
}

/// How a dead session is answered at a service (Catalyst contract section A.5); other contracts know one way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ExpiredSession {
    /// 401, JSON, and a cookie that ends the session at the client: the one answer that every client understands.
    #[default]
    Unauthorized,
    /// 200 with the login page, as older releases have it.
    LoginPage,
    /// 302 to the welcome page, as others have it.
    Redirect,
}

/// How a request came in: what the listener and the trusted proxies know of it.
#[derive(Clone, Debug, Default)]
pub struct Doorway {
    /// Whether the client's connection is encrypted.
    pub is_secure: bool,
    /// The host that the client named, in lower case, with its port if it named one.
    pub host: String,
    /// What stood before the contract's own paths and was taken off, such as `/api/controller` for `/api`
    /// (AWX contract section 1.1); addresses in answers begin with it. Empty if nothing did.
    pub prefix: &'static str,
    /// Where a client that was refused finds out how to get a token (RFC 9728 section 5.1), if the
    /// installation tells. Only a contract whose challenge may have more than its own words says it.
    pub resource_metadata: Option<&'static str>,
    /// Where a request that must be encrypted is sent: the port of our own https listener, if there is one and the
    /// client came to us directly; the usual one, if a trusted proxy says that the client came to it by http.
    pub https_port: Option<u16>,
    /// How the service that the request is for wants dead sessions answered.
    pub expired_session: ExpiredSession,
}

impl Doorway {
    /// How the client knows a path of the contract: behind the prefix, if one was taken off.
    pub fn address<'a>(&self, path: &'a str) -> Cow<'a, str> {
        match path.strip_prefix("/api") {
            Some(rest) if !self.prefix.is_empty() => Cow::Owned(format!("{}{rest}", self.prefix)),
            _ => Cow::Borrowed(path),
        }
    }
}

/// Why one of our own endpoints or a service's guard said no. It stands in the answer's extensions: the client
/// is told in its contract's words, and the listener, which knows the request's id, keeps it for who asks.
#[derive(Clone, Debug)]
pub struct Refused(pub Denial);

/// The reason phrase of an answer over HTTP/1.1, where clients of a contract read it (Apprenda contract section 2).
#[derive(Clone, Copy, Debug)]
pub struct Reason(pub &'static str);

/// No secret that [`Dialect::is_secret`] knows is shorter, in bytes: most paths need not be looked at.
const SECRET_MIN: usize = 64;

/// A path as logs show it: what stands behind a path that secrets follow is left out, and so is what looks like a
/// secret, with all behind it.
pub fn shown_path(path: &str) -> Cow<'_, str> {
    let secret = crate::ALL.iter().flat_map(|it| it.wire().secret_paths).find(|it| {
        path.get(..it.len()).is_some_and(|start| start.eq_ignore_ascii_case(it)) && path.len() > it.len()
    });
    if let Some(it) = secret {
        return Cow::Owned(format!("{it}…"));
    }
    if path.len() < SECRET_MIN {
        return Cow::Borrowed(path);
    }
    let mut start = 0;
    for segment in path.split('/') {
        if crate::ALL.iter().any(|it| it.is_secret(segment)) {
            return Cow::Owned(format!("{}…", &path[..start]));
        }
        start += segment.len() + 1;
    }
    Cow::Borrowed(path)
}

/// What broke while one of our own endpoints answered, with its causes. It stands in the answer's extensions:
/// the client is not told, and the listener, which knows the request's id, logs it once.
#[derive(Clone, Debug)]
pub struct Broken(pub Arc<str>);

impl Broken {
    /// Puts the cause of a refusal beside its answer, if something broke.
    pub fn note(refusal: &Refusal, extensions: &mut Extensions) {
        if let Refusal::Broken(fault) = refusal {
            extensions.insert(Self(fault.chain().into()));
        }
    }
}
