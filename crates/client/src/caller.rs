//! A client that is signed in: it notices when what it holds has died, renews it once, and repeats a request only
//! where that cannot make something happen twice.

use async_trait::async_trait;
use bytes::Bytes;
use dialects::client_half::{GLIMPSE, Style};
use dialects::{ClientHalf, Holding, Login, Rejection, Verdict};
use http::header::LOCATION;
use http::{Method, Request, Response, Uri, request};
use identity::model::proof::Proof;
use identity::port::Clock;
use identity::{Fault, Origin};
use jiff::SignedDuration;

use crate::agent::{Agent, TalkError, Unwatched};
use crate::base::{Base, base};
use crate::payload::Payload;
use crate::stream::Streamed;
use crate::transport::Transport;

/// How long before its known end what is held is renewed.
const MARGIN: SignedDuration = SignedDuration::from_secs(60);
/// Most redirects that are followed.
const REDIRECTS_MAX: usize = 5;

/// Why a call has no answer.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// The server says no: [`Rejection::Over`] if what is held has died and cannot be renewed.
    #[error("{0}")]
    Refused(Rejection),
    /// The server does not speak this contract; why.
    #[error("this is no server of this contract: {0}")]
    Lost(String),
    /// Something broke on the way. Whether the request ran is not known, and it was not repeated.
    #[error(transparent)]
    Fault(#[from] Fault),
    /// What was held had died. It was renewed; but whether the request ran cannot be told, so it was not repeated.
    #[error(
        "the session was over and has been renewed; whether the request was carried out cannot be told: look first, \
         then send it again if it was not"
    )]
    Uncertain,
    /// The request was to go to another server than the one that the proof was won at.
    #[error("a proof was about to be shown to another server than the one that it was won at")]
    Elsewhere,
}

impl From<TalkError> for CallError {
    fn from(error: TalkError) -> Self {
        match error {
            TalkError::Refused(rejection) => Self::Refused(rejection),
            TalkError::Lost(why) => Self::Lost(why),
            TalkError::Fault(fault) => Self::Fault(fault),
        }
    }
}

/// Who keeps what is held beyond this process, and has more to sign in with.
#[async_trait]
pub trait Keeper: Send + Sync {
    /// Waits until nobody else renews what is kept, in this process or another.
    async fn turn(&self) -> Result<Box<dyn Turn>, Fault>;

    /// What to sign in with once what was held has died; none if there is nothing. Asked at most once a call.
    async fn login(&self, died: &Holding) -> Result<Option<Login>, Fault> {
        let _ = died;
        Ok(None)
    }
}

/// The right to renew. Others wait until it is dropped.
#[async_trait]
pub trait Turn: Send + Sync {
    /// What is kept now, which somebody else may have renewed meanwhile.
    async fn kept(&self) -> Result<Kept, Fault>;

    /// Finds out whether something can be kept, before it is won: a renewal that cannot be kept is a sign-in lost,
    /// as what was kept before is no longer good then.
    async fn rehearse(&self) -> Result<(), Fault> {
        Ok(())
    }

    /// Keeps this instead.
    async fn keep(&self, holding: &Holding) -> Result<(), Fault>;
}

/// What a keeper has.
#[derive(Clone, Debug)]
pub enum Kept {
    /// It keeps nothing of this kind.
    Nowhere,
    /// It kept something, and somebody has signed out meanwhile: nothing is renewed.
    Ended,
    /// This.
    Held(Box<Holding>),
}

/// Nobody keeps what is held.
#[derive(Debug)]
pub struct Unkept;

#[async_trait]
impl Keeper for Unkept {
    async fn turn(&self) -> Result<Box<dyn Turn>, Fault> {
        Ok(Box::new(Self))
    }
}

#[async_trait]
impl Turn for Unkept {
    async fn kept(&self) -> Result<Kept, Fault> {
        Ok(Kept::Nowhere)
    }

    async fn keep(&self, _: &Holding) -> Result<(), Fault> {
        Ok(())
    }
}

/// Calls one server with what is held.
pub struct Caller<'a> {
    pub(crate) half: &'a dyn ClientHalf,
    pub(crate) transport: &'a Transport,
    keeper: &'a dyn Keeper,
    clock: &'a dyn Clock,
    holding: Holding,
    pub(crate) base: Base,
}

/// What may still be done about deaths in one call. Each once: there is no endless loop.
struct Chances {
    adopt: bool,
    renew: bool,
}

impl<'a> Caller<'a> {
    /// A caller with what is held.
    pub fn new(
        half: &'a dyn ClientHalf,
        transport: &'a Transport,
        holding: Holding,
        keeper: &'a dyn Keeper,
        clock: &'a dyn Clock,
    ) -> Result<Self, CallError> {
        let (base, _) = base(&holding.base).map_err(|it| CallError::Lost(it.to_string()))?;
        Ok(Self { half, transport, keeper, clock, holding, base })
    }

    /// What is held now.
    pub fn holding(&self) -> &Holding {
        &self.holding
    }

    /// Where it goes.
    pub fn base(&self) -> &Base {
        &self.base
    }

    /// An agent over the same transport, for conversations.
    pub fn agent(&self) -> Agent<'a> {
        Agent::new(self.half, self.transport)
    }

    /// Sends a request to a path (with its query) or to an absolute address at the base, with the proof on it. What
    /// is held is renewed at most once; then the request is sent again if it changes nothing, or if the server has
    /// shown that it did not run, and if its body can be had again. Redirects of GET and HEAD are followed within
    /// the base; any other redirect is the answer.
    pub async fn call(&mut self, request: Request<Payload>) -> Result<Streamed, CallError> {
        let (mut parts, mut body) = request.into_parts();
        parts.uri = self.address(&parts.uri)?;
        let mut chances = Chances { adopt: true, renew: true };
        if self.is_near_end() {
            match self.revive(&mut chances, true).await {
                // It may live for a moment yet, or be longer in use than was known, and there is nothing else.
                Ok(()) | Err(CallError::Refused(_)) => {}
                Err(error) => return Err(error),
            }
        }
        let mut redirects = 0;
        loop {
            let again = body.again();
            let mut answer = self.once(&parts, body).await?;
            match self.judge(&mut answer).await? {
                Verdict::Alive | Verdict::Unsure => {
                    let next = self.redirect(&parts, &answer).filter(|_| redirects < REDIRECTS_MAX);
                    let (Some(next), Some(again)) = (next, again) else { return Ok(answer) };
                    redirects += 1;
                    parts.uri = next;
                    body = again;
                }
                Verdict::Dead(death) if death.style == Style::PasswordChange => {
                    return Err(CallError::Refused(Rejection::PasswordChange));
                }
                verdict => {
                    drop(answer);
                    self.revive(&mut chances, false).await?;
                    let is_unrun = match verdict {
                        Verdict::Dead(death) => death.is_unrun,
                        Verdict::Stale | Verdict::Alive | Verdict::Unsure => true,
                    };
                    let is_safe = is_safe(&parts.method);
                    body = again.filter(|_| is_safe || is_unrun).ok_or(CallError::Uncertain)?;
                }
            }
        }
    }

    /// The same with a whole answer, within the limits of the transport.
    pub async fn fetch(&mut self, request: Request<Bytes>) -> Result<Response<Bytes>, CallError> {
        let answer = self.call(request.map(Payload::from)).await?;
        let (timeout, body_max) = (self.transport.options().timeout, self.transport.options().body_max);
        match tokio::time::timeout(timeout, answer.whole(body_max)).await {
            Ok(answer) => Ok(answer?),
            Err(_) => Err(CallError::Fault(crate::trouble::Trouble::Timeout.fault())),
        }
    }

    /// Where a path or an address lies; at no other base.
    pub(crate) fn address(&self, uri: &Uri) -> Result<Uri, CallError> {
        if uri.authority().is_some() {
            return if self.base.holds(uri) { Ok(uri.clone()) } else { Err(CallError::Elsewhere) };
        }
        let path = uri.path_and_query().map_or("/", http::uri::PathAndQuery::as_str);
        self.base.at(path).map_err(|it| CallError::Lost(it.to_string()))
    }

    async fn once(&self, parts: &request::Parts, body: Payload) -> Result<Streamed, CallError> {
        let mut parts = parts.clone();
        if !self.base.holds(&parts.uri) {
            return Err(CallError::Elsewhere);
        }
        self.half.write_proof(&self.holding, &mut parts);
        Ok(self.transport.open(Request::from_parts(parts, body)).await?)
    }

    async fn judge(&self, answer: &mut Streamed) -> Result<Verdict, CallError> {
        match self.half.judge(&self.holding, answer.head(), None) {
            Verdict::Unsure => {
                let beginning = answer.glimpse(GLIMPSE).await?;
                Ok(self.half.judge(&self.holding, answer.head(), Some(&beginning)))
            }
            verdict => Ok(verdict),
        }
    }

    /// Where an answer sends a safe request on, if that lies at the base.
    fn redirect(&self, asked: &request::Parts, answer: &Streamed) -> Option<Uri> {
        let is_redirect = matches!(answer.status().as_u16(), 301 | 302 | 303 | 307 | 308);
        if !is_redirect || !is_safe(&asked.method) {
            return None;
        }
        let location = answer.headers().get(LOCATION)?.to_str().ok()?;
        let next = resolve(&asked.uri, location)?;
        self.base.holds(&next).then_some(next)
    }

    fn is_near_end(&self) -> bool {
        let now = self.clock.now();
        self.holding.expires_at.is_some_and(|end| end.duration_since(now) < MARGIN)
    }

    /// Puts something living in the place of what has died: what another process has renewed meanwhile, or what the
    /// server renews, or what a new login wins. Early, while it still lives, nobody is asked for a password.
    async fn revive(&mut self, chances: &mut Chances, is_early: bool) -> Result<(), CallError> {
        if !chances.renew {
            return Err(CallError::Refused(Rejection::Over));
        }
        let turn = match self.keeper.turn().await {
            Err(_) if is_early => return Err(CallError::Refused(Rejection::Over)),
            turn => turn?,
        };
        match turn.kept().await? {
            Kept::Ended => return Err(CallError::Refused(Rejection::Over)),
            Kept::Held(kept) if kept.base != self.holding.base => return Err(CallError::Elsewhere),
            Kept::Held(kept) => {
                // Whatever comes now begins with what is kept: a refresh token that another process has used already
                // would, shown once more, be taken for a stolen one, and all that came from it would be revoked.
                let is_news = !is_same(&kept, &self.holding);
                self.holding = *kept;
                if chances.adopt && is_news {
                    chances.adopt = false;
                    return Ok(());
                }
            }
            Kept::Nowhere => {}
        }
        if let Err(fault) = turn.rehearse().await {
            // What lives for a moment yet is good for this call; once it is over there is no way around.
            return Err(if is_early { CallError::Refused(Rejection::Over) } else { fault.into() });
        }
        // What could not be renewed early may yet be replaced by a login.
        (chances.adopt, chances.renew) = (false, is_early);
        let won = self.renewed(is_early).await?;
        if !is_at(&won, &self.base) {
            return Err(CallError::Elsewhere);
        }
        turn.keep(&won).await?;
        self.holding = won;
        Ok(())
    }

    async fn renewed(&self, is_early: bool) -> Result<Holding, CallError> {
        let agent = self.agent();
        if let Some(renewal) = self.half.renew(&self.holding, self.clock.now()) {
            match agent.talk(renewal, &mut Unwatched).await {
                Ok(won) => return Ok(won),
                // A refresh token ends too, and so does what can be renewed only while it lives; a password may still
                // be there. Too many attempts are a reason for none at all.
                Err(error @ (TalkError::Fault(_) | TalkError::Refused(Rejection::TooMany(_)))) => {
                    return Err(error.into());
                }
                Err(TalkError::Refused(_) | TalkError::Lost(_)) => {}
            }
        }
        if is_early {
            return Err(CallError::Refused(Rejection::Over));
        }
        match self.keeper.login(&self.holding).await? {
            Some(login) if base(&login.base).is_ok_and(|(it, _)| it == self.base) => {
                Ok(agent.login(login).await?)
            }
            Some(_) => Err(CallError::Fault(Fault::new(Origin::Internal, "a login for another server"))),
            None => Err(CallError::Refused(match self.holding.proof {
                Proof::Password { .. } => Rejection::Password,
                Proof::Bearer(_) => Rejection::Token,
                Proof::Session { .. } => Rejection::Over,
            })),
        }
    }
}

impl std::fmt::Debug for Caller<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Caller").field("base", &self.base).finish_non_exhaustive()
    }
}

/// Whether a method changes nothing here: only these two are sent again without a proof that they did not run.
fn is_safe(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD)
}

fn is_at(holding: &Holding, there: &Base) -> bool {
    base(&holding.base).is_ok_and(|(it, _)| it == *there)
}

/// Whether two are the same proof.
fn is_same(left: &Holding, right: &Holding) -> bool {
    let (left_csrf, right_csrf) = (&left.csrf, &right.csrf);
    match (&left.proof, &right.proof) {
        (Proof::Bearer(left), Proof::Bearer(right)) => left == right && left_csrf == right_csrf,
        (
            Proof::Session { secret: left, csrf: left_csrf },
            Proof::Session { secret: right, csrf: right_csrf },
        ) => left == right && left_csrf == right_csrf,
        (
            Proof::Password { username: left, password: left_password },
            Proof::Password { username: right, password: right_password },
        ) => left == right && left_password == right_password,
        _ => false,
    }
}

/// A `Location` as an absolute address (RFC 9110 section 10.2.2); none if it cannot be read.
pub(crate) fn resolve(asked: &Uri, location: &str) -> Option<Uri> {
    let asked = reqwest::Url::parse(&asked.to_string()).ok()?;
    let mut next = asked.join(location).ok()?;
    next.set_fragment(None);
    next.as_str().parse().ok()
}
