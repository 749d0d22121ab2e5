//! The client half of a dialect: signing in at a server of its contract, showing what that won, noticing that it
//! died, and signing out again. It opens no socket: whoever holds a [`Conversation`] does the sending.

use bytes::Bytes;
use http::{Method as Verb, Response, Uri, request, response};
use identity::model::pace::Load;
use identity::model::secret::Secret;
use jiff::Timestamp;
use serde_json::Value;

mod answers;
mod conversation;
mod holding;

pub use answers::{
    Death, ListedToken, MadeToken, Phrase, Rates, Recognised, Standing, Style, Upkeep, Verdict, WantedToken,
    Who,
};
pub use conversation::{Conversation, Next, Prompt, Rejection, Unspoken, Wait};
pub use holding::{Application, Credential, Holding, Login, Method};

/// What a dialect says as a client. All of it is spelling: nothing here decides, waits or sends.
pub trait ClientHalf: Send + Sync {
    /// The ways to sign in that servers of this contract have, the usual one first.
    fn methods(&self) -> &'static [Method];

    /// Public paths whose answers tell whether a server speaks this contract; at most three.
    fn probes(&self) -> &'static [&'static str];

    /// What the answer to one of [`Self::probes`] says; none if it says nothing.
    fn recognise(&self, path: &str, answer: &Response<Bytes>) -> Option<Recognised>;

    /// Begins a login.
    fn sign_in(&self, login: Login) -> Box<dyn Conversation<Holding>>;

    /// Begins to lengthen what is held, without a password: none where that is not possible, and a new login is
    /// needed before the end.
    fn renew(&self, holding: &Holding, now: Timestamp) -> Option<Box<dyn Conversation<Holding>>> {
        let _ = (holding, now);
        None
    }

    /// Begins to end what is held at the server: the session, or the token if this login made it.
    fn sign_out(&self, holding: &Holding) -> Box<dyn Conversation<()>>;

    /// Begins to ask whom the server takes us for.
    fn who(&self, holding: &Holding) -> Box<dyn Conversation<Who>>;

    /// Begins to ask how what is held stands: its end, its place among the sessions that there may be. None where
    /// the contract has no answer to that.
    fn standing(&self, holding: &Holding, now: Timestamp) -> Option<Box<dyn Conversation<Standing>>> {
        let _ = (holding, now);
        None
    }

    /// Writes the proof onto a request to the server that it was won at, with the CSRF or XSRF token and whatever
    /// else the contract wants beside it. The caller has made sure that the request goes there and nowhere else.
    fn write_proof(&self, holding: &Holding, request: &mut request::Parts);

    /// What an answer says of the life of what is held. First asked without a body; if the answer is
    /// [`Verdict::Unsure`], asked again with the beginning of the body (at least [`GLIMPSE`] bytes, if there are so
    /// many). Never `Unsure` with a body.
    fn judge(&self, holding: &Holding, answer: &response::Parts, body: Option<&[u8]>) -> Verdict;

    /// Where the paths of its own API begin, with a slash at the end: what a path without a slash in front is below.
    fn root(&self, holding: &Holding) -> &'static str {
        let _ = holding;
        "/"
    }

    /// Where the next page of a list is, as the answer to `asked` has it: a path with its query. None after the last.
    fn next_page(&self, asked: &Uri, answer: &Value) -> Option<String> {
        let _ = (asked, answer);
        None
    }

    /// The rows of a list in an answer, if it is one.
    fn rows<'a>(&self, answer: &'a Value) -> Option<&'a Vec<Value>> {
        answer.as_array()
    }

    /// The tokens that a user of such a server can make; none where it has no tokens.
    fn tokens(&self) -> Option<&'static dyn Tokens> {
        None
    }

    /// What keeps a session alive while others use it.
    fn upkeep(&self) -> Upkeep;

    /// How fast the server may be asked, for ordinary requests and for those that ask for much at once.
    fn rates(&self) -> Rates {
        Rates::default()
    }

    /// How heavy a request is for the server.
    fn load(&self, verb: &Verb, path: &str) -> Load {
        let _ = (verb, path);
        Load::Uncounted
    }

    /// Whether a path at the server hands out, shows, changes or ends the proofs of whoever asks. Through a session
    /// that many share nobody gets there.
    fn is_guarded(&self, verb: &Verb, path: &str) -> bool;

    /// Whether the answer at this path holds something of the session itself, which [`Self::mask`] replaces.
    fn is_masked(&self, path: &str) -> bool {
        let _ = path;
        false
    }

    /// The body of such an answer as whoever asked may see it: with their own CSRF token, if they have one.
    fn mask(&self, body: &[u8], csrf: Option<&str>) -> Option<Bytes> {
        let _ = (body, csrf);
        None
    }

    /// Headers of answers that speak of the session, beside `Set-Cookie`, in lower case.
    fn session_headers(&self) -> &'static [&'static str] {
        &[]
    }

    /// Begins to end all other sessions of the account; the number of those that were ended. None where the server
    /// cannot do that.
    fn clean(&self, holding: &Holding) -> Option<Box<dyn Conversation<usize>>> {
        let _ = holding;
        None
    }

    /// What other tools of this platform want to find in their environment.
    fn environment(&self, holding: &Holding) -> Vec<(&'static str, Secret)>;
}

/// How many bytes of a body tell a page from data.
pub const GLIMPSE: usize = 4096;

/// The tokens of a user at a server.
pub trait Tokens: Send + Sync {
    /// Begins to make one.
    fn create(&self, holding: &Holding, wanted: WantedToken) -> Box<dyn Conversation<MadeToken>>;

    /// Begins to list them.
    fn list(&self, holding: &Holding) -> Box<dyn Conversation<Vec<ListedToken>>>;

    /// Begins to revoke the one of this number.
    fn revoke(&self, holding: &Holding, id: &str) -> Box<dyn Conversation<()>>;
}
