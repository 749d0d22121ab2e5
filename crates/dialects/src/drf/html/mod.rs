//! Pages for people: one frame, one style, no script, everything escaped, under a strict content security
//! policy. What a page says is written where the page is; what all pages have is here.

use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};

use super::language::Language;
use super::respond::escape;

pub mod page;

pub mod next;
pub mod visit;

#[cfg(test)]
mod tests;

/// The frame of all pages.
static FRAME: &str = include_str!("frame.html");
/// The style of all pages.
static STYLE: &str = include_str!("style.css");

/// The page of a request that may be forged (AAP contract section B2).
pub fn forbidden(language: Language, reason: &str) -> String {
    let (text, advice) = match language {
        Language::English => (
            "CSRF verification failed. Request aborted.",
            "The request did not carry the token of our own page. Open the page again and repeat it; \
             cookies must be allowed.",
        ),
        Language::Russian => (
            "Проверка CSRF не пройдена. Запрос отклонён.",
            "Запрос не содержит токена нашей страницы. Откройте страницу снова и повторите запрос; файлы \
             cookie должны быть разрешены.",
        ),
    };
    let reason = escape(reason);
    let content = format!(
        "      <h1>Forbidden <span>(403)</span></h1>\n      <p>{text}</p>\n      <p>{advice}</p>\n      \
         <p><small>{reason}</small></p>"
    );
    frame(language, "403 Forbidden", &content, "")
}

/// A page that says one sentence.
pub fn sentence(language: Language, title: &str, text: &str) -> String {
    let content = format!("      <h1>{}</h1>\n      <p>{}</p>", escape(title), escape(text));
    frame(language, title, &content, "")
}

/// The content security policy of a page. Its one style is known by its hash. Browsers apply `form-action`
/// also to where the answer to a form redirects, so such targets must be among `targets`: sources of the
/// policy (CSP level 3 section 2.3.1), each after a space, or nothing.
pub fn policy(targets: &str) -> String {
    static HASH: LazyLock<String> = LazyLock::new(|| STANDARD.encode(Sha256::digest(STYLE.as_bytes())));
    format!(
        "default-src 'none'; style-src 'sha256-{}'; img-src data:; form-action 'self'{targets}; \
         frame-ancestors 'none'; base-uri 'none'",
        *HASH
    )
}

/// The source that stands for an address in a policy, after a space; nothing for what is no web address.
/// A host that the policy's grammar does not know, such as an IPv6 address, is covered by its scheme alone.
pub fn target(address: &str) -> String {
    let Some((scheme, rest)) = address.split_once("://") else { return String::new() };
    if !matches!(scheme, "http" | "https") {
        return String::new();
    }
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let is_plain = host.bytes().all(|it| it.is_ascii_alphanumeric() || b".-:".contains(&it));
    if host.is_empty() || !is_plain { format!(" {scheme}:") } else { format!(" {scheme}://{host}") }
}

/// Fills the frame in one pass: what is filled in is never looked at again. `content` and `island` are
/// markup, `title` is text.
pub fn frame(language: Language, title: &str, content: &str, island: &str) -> String {
    let size = FRAME.len() + STYLE.len() + content.len() + island.len() + 64;
    let mut page = String::with_capacity(size);
    let mut rest = FRAME;
    while let Some((before, after)) = rest.split_once("{{") {
        page.push_str(before);
        let (name, after) = after.split_once("}}").unwrap_or((after, ""));
        match name {
            "lang" => page.push_str(language.tag()),
            "title" => page.push_str(&escape(title)),
            "style" => page.push_str(STYLE),
            "content" => page.push_str(content),
            "island" => page.push_str(island),
            _ => {}
        }
        rest = after;
    }
    page.push_str(rest);
    page
}
