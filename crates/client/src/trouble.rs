//! What can go wrong on the way to a server, told apart, with what to do about each.

use std::error::Error;
use std::io::{self, ErrorKind};

use identity::{Fault, Origin};
use rustls::{CertificateError, OtherError};

/// One kind of trouble on the way. Its text says what to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Trouble {
    /// The name of the host has no address.
    #[error("no such host: its name cannot be resolved; look for a typing error, or whether a VPN is needed")]
    Name,
    /// The host is there and nothing listens at the port.
    #[error("connection refused: nothing listens at this port; is it the right one?")]
    Refused,
    /// No way to the host.
    #[error("cannot connect to the server; look at the network, and at firewalls on the way")]
    Connect,
    /// Nothing came in time.
    #[error("the server did not answer in time; it may be overloaded, or a firewall drops the packets")]
    Timeout,
    /// The certificate is not taken.
    #[error("{0}")]
    Certificate(Certificate),
    /// The port does not speak TLS.
    #[error("the server does not speak TLS at this port; if it has no https, write http:// before its name")]
    NotTls,
    /// The other side broke the TLS handshake off.
    #[error("the TLS handshake failed; the server may want an older TLS version, or a client certificate")]
    Handshake,
    /// The proxy from the environment does not let us through.
    #[error("the proxy does not connect to the server; look at HTTPS_PROXY, HTTP_PROXY and NO_PROXY")]
    Proxy,
    /// The request is no request.
    #[error("the request could not be sent")]
    Request,
    /// The body of the request could not be read here.
    #[error("the body of the request could not be read to its end")]
    Body,
    /// The answer is longer than was allowed.
    #[error("the answer is too long")]
    TooLong,
    /// The connection ended within the answer.
    #[error("the answer broke off, or is no HTTP; try again, or write https:// if this is a port for that")]
    Cut,
}

/// Why a certificate is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Certificate {
    /// Nobody we trust has signed it; or it has signed itself.
    #[error("the server's certificate is not trusted; give the certificate that signed it with --ca FILE")]
    Untrusted,
    /// Its time is over.
    #[error("the server's certificate has expired; it needs a new one (and look at the clock here)")]
    Expired,
    /// Its time has not come.
    #[error("the server's certificate is not valid yet; look at the clock here")]
    NotYetValid,
    /// It is for other names.
    #[error("the server's certificate is for another name; use the name that stands in it")]
    Name,
    /// It was revoked.
    #[error("the server's certificate has been revoked")]
    Revoked,
    /// Anything else.
    #[error("the server's certificate is not valid; give the certificate that signed it with --ca FILE")]
    Other,
}

/// A trouble with the error that it was read from. That one goes to the log.
#[derive(Debug, thiserror::Error)]
#[error("{text}")]
struct Caused {
    trouble: Trouble,
    text: String,
    source: Box<dyn Error + Send + Sync>,
}

/// The resolver's word: a host has no address.
#[derive(Debug, thiserror::Error)]
#[error("the name has no address")]
pub struct NoAddress(#[source] pub Option<io::Error>);

impl Trouble {
    /// The trouble that a fault of a [`crate::Transport`] is about; none for other faults.
    pub fn of(fault: &Fault) -> Option<Self> {
        let cause = fault.cause.as_deref()? as &(dyn Error + 'static);
        cause.downcast_ref::<Self>().copied().or_else(|| Some(cause.downcast_ref::<Caused>()?.trouble))
    }

    /// A fault of this kind.
    pub(crate) fn fault(self) -> Fault {
        Fault::caused(self.origin(), self.to_string(), self)
    }

    /// A fault of this kind with its cause.
    pub(crate) fn caused(self, source: impl Into<Box<dyn Error + Send + Sync>>) -> Fault {
        let source = source.into();
        let text = "on the way to the server".to_owned();
        Fault::caused(self.origin(), self.to_string(), Caused { trouble: self, text, source })
    }

    fn origin(self) -> Origin {
        match self {
            Self::Request | Self::Body => Origin::Internal,
            _ => Origin::Upstream,
        }
    }

    /// What an error of the library is about. Its address has been taken off.
    pub(crate) fn read(cause: &reqwest::Error) -> Self {
        if let Some(found) = deepest(cause) {
            return found;
        }
        if cause.is_timeout() {
            Self::Timeout
        } else if cause.is_connect() {
            Self::Connect
        } else if cause.is_builder() {
            Self::Request
        } else {
            Self::Cut
        }
    }
}

/// What the chain of causes tells for sure.
fn deepest(cause: &(dyn Error + 'static)) -> Option<Trouble> {
    let mut next = Some(cause);
    while let Some(cause) = next {
        if cause.is::<NoAddress>() {
            return Some(Trouble::Name);
        }
        if cause.is::<crate::payload::Unreadable>() {
            return Some(Trouble::Body);
        }
        if let Some(tls) = cause.downcast_ref::<rustls::Error>() {
            return Some(of_tls(tls));
        }
        if let Some(io) = cause.downcast_ref::<io::Error>() {
            // An input or output error names the causes of its inner error, but not that error itself.
            if let Some(found) = io.get_ref().and_then(|inner| deepest(inner)) {
                return Some(found);
            }
            match io.kind() {
                ErrorKind::ConnectionRefused => return Some(Trouble::Refused),
                ErrorKind::HostUnreachable | ErrorKind::NetworkUnreachable => return Some(Trouble::Connect),
                ErrorKind::TimedOut => return Some(Trouble::Timeout),
                _ => {}
            }
        }
        if cause.to_string().contains("tunnel") || cause.to_string().contains("proxy authorization") {
            return Some(Trouble::Proxy);
        }
        next = cause.source();
    }
    None
}

fn of_tls(cause: &rustls::Error) -> Trouble {
    match cause {
        rustls::Error::InvalidCertificate(why) => Trouble::Certificate(of_certificate(why)),
        rustls::Error::InvalidMessage(_) => Trouble::NotTls,
        _ => Trouble::Handshake,
    }
}

fn of_certificate(why: &CertificateError) -> Certificate {
    match why {
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => Certificate::Expired,
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            Certificate::NotYetValid
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            Certificate::Name
        }
        CertificateError::Revoked => Certificate::Revoked,
        // A certificate that has signed itself and says that it may sign others is refused in this way.
        // A bad signature is that of somebody of the same name with another key.
        CertificateError::UnknownIssuer
        | CertificateError::BadSignature
        | CertificateError::Other(OtherError(_)) => Certificate::Untrusted,
        _ => Certificate::Other,
    }
}
