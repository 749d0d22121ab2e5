//! The lexicon: one name per thing. The short list of words here are names that somebody else's code gives
//! to things that have another name in this house (LEXICON.md).

use super::{settle, sources};

/// Words that are not names in this house, and what we say instead.
const BANNED: &[(&str, &str)] = &[
    ("creds", "proof"),
    ("cred", "credential"),
    ("sid", "session secret"),
    ("acct", "user"),
    ("ttl", "a word that ends in _timeout or _after"),
    ("authn", "authenticate"),
    ("authz", "authorize"),
    ("passwd_hash", "credential"),
    ("mgr", "a noun"),
];

/// Places where such a word is somebody else's spelling, each with its reason.
const SPELLED_BY_OTHERS: &[(&str, &str, &str)] = &[(
    "crates/portcullis/src/control/server.rs",
    "cred",
    "tokio's name for who is at the other end of a socket",
)];

/// Spellings of the wire, which only `wire.rs`, tests and texts may hold.
const WIRE: &[&str] = &[
    "gateway_sessionid",
    "csrfmiddlewaretoken",
    "X-CSRFToken",
    "x-csrftoken",
    "drf_csrf",
    "JSESSIONID",
    "X-XSRF-TOKEN",
    "x-xsrf-token",
    "j_username",
    "VSessionId",
];

#[test]
fn banned_words_do_not_occur() {
    let mut complaints = Vec::new();
    for source in sources("crates", ".rs") {
        if !source.path.contains("/src/") {
            continue;
        }
        for (word, instead) in BANNED {
            let is_excused = SPELLED_BY_OTHERS.iter().any(|(path, it, _)| *path == source.path && it == word);
            for (number, line) in source.text.lines().enumerate() {
                let line = line.to_lowercase();
                if !is_excused && has_part(&line, word) {
                    complaints.push(format!("{}:{}: {word}; say {instead}", source.path, number + 1));
                }
            }
        }
    }
    settle(&complaints);
}

#[test]
fn wire_spellings_stay_at_the_wire() {
    let mut complaints = Vec::new();
    for source in sources("crates", ".rs") {
        let is_wire = source.path.ends_with("/wire.rs") || source.path.contains("/wire/");
        // A page's text is written where the page is.
        let is_page = source.path.ends_with("/page.rs");
        let is_test = source.path.contains("tests") || !source.path.contains("/src/");
        if is_wire || is_page || is_test {
            continue;
        }
        for (number, line) in source.text.lines().enumerate() {
            // A comment may name what it explains.
            let code = line.split("//").next().unwrap_or_default();
            for word in WIRE.iter().filter(|word| code.contains(**word)) {
                complaints.push(format!("{}:{}: {word} belongs into wire.rs", source.path, number + 1));
            }
        }
    }
    settle(&complaints);
}

#[test]
fn no_path_of_a_developers_machine() {
    // Put together from parts, so that this file does not complain about itself.
    let homes: Vec<_> = ["home", "root", "work", "Users"].iter().map(|name| format!("/{name}/")).collect();
    let mut complaints = Vec::new();
    for ending in [".rs", ".toml", ".md", ".html", ".http", ".py", ".sql", "run"] {
        for source in sources("", ending) {
            for (number, line) in source.text.lines().enumerate() {
                for home in &homes {
                    let is_path = line.match_indices(&**home).any(|(at, _)| {
                        !line[..at]
                            .ends_with(|before: char| before.is_alphanumeric() || "._/<>}".contains(before))
                    });
                    if is_path {
                        complaints.push(format!("{}:{}: a path of one machine", source.path, number + 1));
                    }
                }
            }
        }
    }
    settle(&complaints);
}

/// Whether a text holds this identifier as a whole.
pub(super) fn has_word(text: &str, word: &str) -> bool {
    let is_part = |it: char| it.is_alphanumeric() || it == '_';
    text.match_indices(word)
        .any(|(at, _)| !text[..at].ends_with(is_part) && !text[at + word.len()..].starts_with(is_part))
}

/// Whether a text holds this word, alone or as a part of an identifier between underscores.
fn has_part(text: &str, word: &str) -> bool {
    text.match_indices(word).any(|(at, _)| {
        !text[..at].ends_with(char::is_alphanumeric)
            && !text[at + word.len()..].starts_with(char::is_alphanumeric)
    })
}
