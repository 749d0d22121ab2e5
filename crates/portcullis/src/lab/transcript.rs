//! Records what a client and the laboratory say to each other, in the form of the transcripts that the dialects'
//! own tests play. What is secret or varies stands there as a placeholder.

use std::collections::VecDeque;
use std::fs;
use std::path::PathBuf;
use std::sync::PoisonError;

use anyhow::Context as _;
use bytes::Bytes;
use http::request::Parts;
use http::{Response, StatusCode};
use serde_json::json;

use super::door::Asked;
use super::platform::query_value;
use super::{Lab, Platform, outcome};

mod blot;

/// Most exchanges that are kept.
const EXCHANGES_MAX: usize = 1000;
/// Longest body that is recorded, in bytes.
const BODY_MAX: usize = 64 * 1024;

/// The exchanges so far.
#[derive(Debug)]
pub struct Recorder {
    platform: Platform,
    folder: Option<PathBuf>,
    count: u64,
    exchanges: VecDeque<(String, String)>,
}

impl Recorder {
    /// Records, and writes to a folder if there is one.
    pub fn new(platform: Platform, folder: Option<PathBuf>) -> anyhow::Result<Self> {
        if let Some(folder) = &folder {
            fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
        }
        Ok(Self { platform, folder, count: 0, exchanges: VecDeque::new() })
    }

    fn add(&mut self, asked: &Asked, answer: &Response<Bytes>) {
        self.count += 1;
        let name = format!("{:04}-{}", self.count, slug(&asked.parts));
        let text = blot::exchange(self.platform, asked, answer, BODY_MAX);
        if let Some(folder) = &self.folder {
            let path = folder.join(format!("{name}.http"));
            if let Err(error) = fs::write(&path, &text) {
                tracing::error!(%error, file = %path.display(), "a transcript cannot be written");
            }
        }
        if self.exchanges.len() == EXCHANGES_MAX {
            self.exchanges.pop_front();
        }
        self.exchanges.push_back((name, text));
    }
}

impl Lab {
    /// Records an exchange.
    pub(super) fn record(&self, asked: &Asked, answer: &Response<Bytes>) {
        self.recorder.lock().unwrap_or_else(PoisonError::into_inner).add(asked, answer);
    }

    /// The exchanges so far as JSON, or one of them as text (`?name=`).
    pub(super) fn transcript(&self, request: &Parts) -> Response<Bytes> {
        let recorder = self.recorder.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(name) = query_value(request, "name") {
            return match recorder.exchanges.iter().find(|(it, _)| it == name) {
                Some((_, text)) => {
                    outcome::with_type(StatusCode::OK, "text/plain; charset=utf-8", text.clone().into())
                }
                None => {
                    outcome::json(StatusCode::NOT_FOUND, &json!({ "error": "there is no such exchange" }))
                }
            };
        }
        let one = |(name, text): &(String, String)| json!({ "name": name, "text": text });
        let exchanges: Vec<_> = recorder.exchanges.iter().map(one).collect();
        outcome::json(StatusCode::OK, &json!({ "exchanges": exchanges }))
    }

    /// Forgets the exchanges so far; files stay.
    pub(super) fn forget_transcript(&self) {
        let mut recorder = self.recorder.lock().unwrap_or_else(PoisonError::into_inner);
        recorder.exchanges.clear();
    }
}

/// A request as a part of a file's name. Secrets stand in no path that is shown.
fn slug(parts: &Parts) -> String {
    let shown = dialects::shown_path(parts.uri.path());
    let fit = |it: char| if it.is_ascii_alphanumeric() { it.to_ascii_lowercase() } else { '-' };
    let path: String = shown.trim_matches('/').chars().map(fit).take(60).collect();
    format!("{}-{}", parts.method.as_str().to_ascii_lowercase(), path.trim_matches('-'))
}
