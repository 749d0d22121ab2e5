//! `upstream…`: where a service is, and how the gateway knows that it is the right one.

use std::path::PathBuf;

use http::Uri;

use super::super::files;
use super::super::reader::Section;
use super::public::path_problem;

/// Most nodes of one service.
const NODES_MAX: usize = 256;

/// Reads the nodes. None, and a problem, if there is none.
pub fn nodes(section: &Section<'_, '_>) -> Option<Vec<Uri>> {
    if !section.has("upstream") {
        section.problem("upstream", "missing: write for example upstream = [\"http://127.0.0.1:8052\"]");
        return None;
    }
    let texts = section.texts("upstream")?;
    if texts.is_empty() || texts.len() > NODES_MAX {
        section.problem("upstream", format!("must list 1 to {NODES_MAX} URLs"));
        return None;
    }
    let mut nodes: Vec<Uri> = Vec::new();
    for text in texts {
        match parse(&text.value) {
            Ok(node) if nodes.contains(&node) => {
                section.problem_at(text.line, "upstream", format!("{:?} is given twice", text.value));
            }
            Ok(node) => nodes.push(node),
            Err(problem) => section.problem_at(text.line, "upstream", problem),
        }
    }
    Some(nodes).filter(|nodes| !nodes.is_empty())
}

/// Reads the file of certificates that https nodes must chain to.
pub fn ca(section: &Section<'_, '_>) -> Option<PathBuf> {
    let text = section.text("upstream_ca")?;
    let path = section.document.resolve(&text.value);
    match files::check_pem(&path, "CERTIFICATE") {
        Ok(()) => Some(path),
        Err(problem) => {
            section.problem_at(text.line, "upstream_ca", problem);
            None
        }
    }
}

/// Reads the path at which a node says how it is.
pub fn ping(section: &Section<'_, '_>) -> Option<String> {
    let text = section.text("ping")?;
    let problem =
        if text.value.starts_with('/') { path_problem(&text.value) } else { Some("must begin with a slash") };
    match problem {
        Some(problem) => {
            section.problem_at(text.line, "ping", problem);
            None
        }
        None => Some(text.value),
    }
}

fn parse(text: &str) -> Result<Uri, String> {
    let problem = |what: &str| Err(format!("{text:?} {what}"));
    let uri: Uri = match text.parse() {
        Ok(uri) => uri,
        Err(_) => return problem("is not a URL such as http://127.0.0.1:8052"),
    };
    let Some(authority) = uri.authority() else {
        return problem("is not a URL such as http://127.0.0.1:8052");
    };
    match uri.scheme_str() {
        Some("http" | "https") => {}
        _ => return problem("must begin with http:// or https://"),
    }
    if authority.as_str().contains('@') {
        // The text is not repeated: it holds a password.
        return Err("must not hold a user name or password".to_owned());
    }
    if uri.host().is_none_or(str::is_empty) || authority.as_str().ends_with(':') {
        return problem("names no host, or no port after the colon");
    }
    if text.contains(['?', '#']) || !matches!(uri.path(), "" | "/") {
        return problem("must end after the host and port; a path goes into `upstream_path`");
    }
    if uri.port_u16() == Some(0) {
        return problem("names port 0");
    }
    Ok(uri)
}
