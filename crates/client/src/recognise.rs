//! Which platform a server is: the public probes of all dialects, each path asked once, and the surest answer.

use std::collections::HashMap;

use bytes::Bytes;
use dialects::{Dialect, Owned};
use futures_util::future::join_all;
use http::{Request, Response, StatusCode};
use identity::{Fault, Origin};

use crate::base::Base;
use crate::transport::Transport;

/// Most paths that are asked.
const PROBES_MAX: usize = 32;
/// Longest text of a foreign server that is told, in characters.
const TEXT_MAX: usize = 80;

/// What a server is.
#[derive(Debug)]
pub enum Recognition {
    /// One of the platforms that there is a dialect for.
    Found(Found),
    /// It can be reached, and is none of them.
    Foreign(Foreign),
}

/// A platform that was recognised.
#[derive(Clone)]
pub struct Found {
    /// Its dialect.
    pub dialect: &'static dyn Dialect,
    /// The platform in words.
    pub product: String,
    /// Its release, if it says so.
    pub version: Option<String>,
    /// How sure this is.
    pub certainty: u8,
}

/// What a server that is none of the platforms has answered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Foreign {
    /// The status at `/`, or at the first path that answered.
    pub status: Option<StatusCode>,
    /// Its `Server` header.
    pub server: Option<String>,
    /// The title of its page.
    pub title: Option<String>,
}

/// Asks a server which platform it is. `typed` is the path that the user typed after the base, if any: of dialects
/// that are equally sure the one that owns it is taken. A fault says that the server cannot be reached.
pub async fn recognise(
    transport: &Transport,
    base: &Base,
    typed: Option<&str>,
) -> Result<Recognition, Fault> {
    // The first one alone: where nothing answers, nothing else needs to be tried.
    let root = ask(transport, base, "/").await?;
    let mut paths: Vec<&'static str> = Vec::new();
    for path in dialects::ALL.iter().flat_map(|it| it.client().probes().iter().copied()) {
        if !paths.contains(&path) && path != "/" && paths.len() < PROBES_MAX {
            paths.push(path);
        }
    }
    let asked = join_all(paths.iter().map(|path| ask(transport, base, path))).await;
    let mut answers: HashMap<&str, Response<Bytes>> =
        paths.iter().copied().zip(asked).filter_map(|(path, answer)| Some((path, answer.ok()?))).collect();
    answers.insert("/", root);
    let mut best: Option<(Found, bool)> = None;
    for dialect in dialects::ALL {
        let is_typed = typed.is_some_and(|path| dialect.owns(path) != Owned::No);
        for path in dialect.client().probes() {
            let Some(answer) = answers.get(path) else { continue };
            let Some(it) = dialect.client().recognise(path, answer) else { continue };
            // They are told, and saved: a stranger's text is not taken as it is.
            let (product, version) = (shown(&it.product), it.version.as_deref().map(shown));
            let is_better = best
                .as_ref()
                .is_none_or(|(best, was_typed)| (it.certainty, is_typed) > (best.certainty, *was_typed));
            // A second path of the same platform may know the release.
            let version = version.or_else(|| {
                best.as_ref().filter(|(best, _)| best.dialect.name() == dialect.name())?.0.version.clone()
            });
            if is_better {
                let certainty = it.certainty;
                best = Some((Found { dialect, product, version, certainty }, is_typed));
            } else if let Some((best, _)) = best.as_mut()
                && best.dialect.name() == dialect.name()
                && best.version.is_none()
            {
                best.version = version;
            }
        }
    }
    Ok(match best {
        Some((found, _)) => Recognition::Found(found),
        None => Recognition::Foreign(foreign(answers.get("/"))),
    })
}

async fn ask(transport: &Transport, base: &Base, path: &str) -> Result<Response<Bytes>, Fault> {
    let broken = |text: String| Fault::new(Origin::Internal, text);
    let uri = base.at(path).map_err(|it| broken(it.to_string()))?;
    let request = Request::get(uri).body(Bytes::new()).map_err(|it| broken(it.to_string()))?;
    transport.send(request).await
}

fn foreign(answer: Option<&Response<Bytes>>) -> Foreign {
    let Some(answer) = answer else { return Foreign::default() };
    let server = answer.headers().get(http::header::SERVER).and_then(|it| it.to_str().ok());
    let text = String::from_utf8_lossy(answer.body());
    // Only ASCII letters change, so places in both texts are the same.
    let small = text.to_ascii_lowercase();
    let title = small.find("<title").and_then(|at| {
        let begin = at + small[at..].find('>')? + 1;
        let end = begin + small[begin..].find("</title")?;
        Some(shown(&text[begin..end]))
    });
    Foreign {
        status: Some(answer.status()),
        server: server.map(shown),
        title: title.filter(|it| !it.is_empty()),
    }
}

/// A foreign text in one line without control characters.
fn shown(text: &str) -> String {
    let words: Vec<_> = text.split_whitespace().collect();
    words.join(" ").chars().filter(|it| !it.is_control()).take(TEXT_MAX).collect()
}

impl std::fmt::Debug for Found {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Found")
            .field("dialect", &self.dialect.name())
            .field("product", &self.product)
            .field("version", &self.version)
            .field("certainty", &self.certainty)
            .finish()
    }
}

impl std::fmt::Display for Foreign {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the server can be reached, but is none of the platforms known here")?;
        if let Some(status) = self.status {
            write!(f, "; it answers {}", status.as_u16())?;
        }
        if let Some(server) = &self.server {
            write!(f, ", calls itself {server:?}")?;
        }
        if let Some(title) = &self.title {
            write!(f, ", and its page is titled {title:?}")?;
        }
        Ok(())
    }
}
