//! Where a server is: scheme, host and port, and nothing else. A proof is shown to the base that it was won at.

use http::Uri;
use http::uri::Scheme;

/// Longest text that is read as an address, in bytes.
const LENGTH_MAX: usize = 2048;

/// The base of a server, such as `https://manager.example:8443`: in lower case, without a path, without a slash at
/// its end, and without the port that its scheme has anyway.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Base {
    text: String,
    host: String,
    port: u16,
    is_encrypted: bool,
}

/// Why a text is no address of a server. It does not repeat the text, which may hold a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// It cannot be read.
    #[error("this is no address of a server; write it like https://host.example or host.example:8443")]
    Address,
    /// Another scheme than these two.
    #[error("only http:// and https:// addresses can be used")]
    Scheme,
    /// A name or a password before an `@`.
    #[error("an address must not hold a name or a password; leave out what stands before the @")]
    Userinfo,
}

/// The base in what somebody typed (`host`, `host:8443`, `https://host/api/`), and the path that was typed with it,
/// which may tell the platform. Without a scheme it is https.
pub fn base(text: &str) -> Result<(Base, Option<String>), Malformed> {
    let text = text.trim();
    if text.is_empty() || text.len() > LENGTH_MAX {
        return Err(Malformed::Address);
    }
    let whole = match text.split_once("://") {
        Some((scheme, _)) if scheme.eq_ignore_ascii_case("https") || scheme.eq_ignore_ascii_case("http") => {
            text.to_owned()
        }
        Some((scheme, _)) if scheme.bytes().all(|it| it.is_ascii_alphanumeric() || b"+-.".contains(&it)) => {
            return Err(Malformed::Scheme);
        }
        _ => format!("https://{text}"),
    };
    // A fragment is the browser's business.
    let whole = whole.split('#').next().unwrap_or_default();
    let uri: Uri = whole.parse().map_err(|_| Malformed::Address)?;
    let base = Base::of(&uri)?;
    let path = uri.path();
    let hint = (!path.is_empty() && path != "/").then(|| path.to_owned());
    Ok((base, hint))
}

impl Base {
    /// The base of an absolute address.
    pub fn of(uri: &Uri) -> Result<Self, Malformed> {
        let scheme = uri.scheme().ok_or(Malformed::Address)?;
        let is_encrypted = *scheme == Scheme::HTTPS;
        if !is_encrypted && *scheme != Scheme::HTTP {
            return Err(Malformed::Scheme);
        }
        let authority = uri.authority().ok_or(Malformed::Address)?;
        if authority.as_str().contains('@') {
            return Err(Malformed::Userinfo);
        }
        let host = authority.host().to_ascii_lowercase();
        if host.is_empty() {
            return Err(Malformed::Address);
        }
        let usual = if is_encrypted { 443 } else { 80 };
        let typed = authority.as_str().get(authority.host().len()..).unwrap_or_default();
        let port = match typed.strip_prefix(':') {
            None if typed.is_empty() => usual,
            Some(digits) => digits.parse().ok().filter(|it| *it != 0).ok_or(Malformed::Address)?,
            None => return Err(Malformed::Address),
        };
        let scheme = if is_encrypted { "https" } else { "http" };
        let text =
            if port == usual { format!("{scheme}://{host}") } else { format!("{scheme}://{host}:{port}") };
        Ok(Self { text, host, port, is_encrypted })
    }

    /// As text: what [`dialects::Login::base`] wants.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The host; an IPv6 address in its brackets.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Whether it is https.
    pub fn is_encrypted(&self) -> bool {
        self.is_encrypted
    }

    /// Whether an absolute address lies at this base.
    pub fn holds(&self, uri: &Uri) -> bool {
        Self::of(uri).is_ok_and(|it| it == *self)
    }

    /// The address of a path (with its query) at this base.
    pub fn at(&self, path: &str) -> Result<Uri, Malformed> {
        let slash = if path.starts_with('/') { "" } else { "/" };
        let uri: Uri = format!("{}{slash}{path}", self.text).parse().map_err(|_| Malformed::Address)?;
        if self.holds(&uri) { Ok(uri) } else { Err(Malformed::Address) }
    }
}

impl std::fmt::Display for Base {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.text)
    }
}
