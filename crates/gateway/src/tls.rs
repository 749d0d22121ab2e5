//! TLS toward clients: the certificate, made at the first start and replaced while running.

use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;

use arc_swap::ArcSwapOption;
use identity::{Fault, Origin};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use crate::config::Certificate;
use crate::der::Reader;

#[cfg(test)]
mod tests;

/// How long a certificate of our own making holds.
const SELF_SIGNED_DAYS: i64 = 825;

/// Days before its end at which a certificate is warned about.
const WARNING_DAYS: [i64; 3] = [30, 7, 1];

/// What new handshakes use. Connections made earlier keep what they were made with.
#[derive(Default)]
pub struct Live(ArcSwapOption<Loaded>);

struct Loaded {
    server: Arc<ServerConfig>,
    expires_at: Option<Timestamp>,
}

impl Live {
    /// Reads the pair and uses it from now on. A pair that does not fit leaves the old one in place.
    pub fn load(&self, certificate: &Certificate) -> Result<(), Fault> {
        self.0.store(Some(Arc::new(load(certificate)?)));
        Ok(())
    }

    /// What the next handshake uses.
    pub fn current(&self) -> Option<Arc<ServerConfig>> {
        self.0.load().as_ref().map(|loaded| Arc::clone(&loaded.server))
    }

    /// Warns if the certificate ends soon. To be called once at the start and once a day.
    pub fn warn_of_expiry(&self, now: Timestamp) {
        let loaded = self.0.load();
        let Some(expires_at) = loaded.as_ref().and_then(|loaded| loaded.expires_at) else { return };
        if let Some(days) = days_to_warn_of(expires_at, now) {
            tracing::warn!(%expires_at, days, "the certificate ends within {days} days");
        }
    }
}

/// The smallest number of days of the warnings within which the end lies; 0 if it is past.
fn days_to_warn_of(expires_at: Timestamp, now: Timestamp) -> Option<i64> {
    let left = expires_at.duration_since(now);
    if left <= SignedDuration::ZERO {
        return Some(0);
    }
    WARNING_DAYS.into_iter().rev().find(|days| left <= SignedDuration::from_hours(days * 24))
}

/// The certificate in this directory, made if there is none: for `localhost`, `127.0.0.1`, `::1` and the
/// name of this host, readable by its owner only.
pub fn ensure_self_signed(directory: &Path, now: Timestamp) -> Result<Certificate, Fault> {
    let certificate =
        Certificate { chain: directory.join("certificate.pem"), key: directory.join("certificate.key") };
    if certificate.chain.exists() && certificate.key.exists() {
        return Ok(certificate);
    }
    let fault = |cause: rcgen::Error| Fault::caused(Origin::Internal, "cannot make a certificate", cause);
    let mut names = vec!["localhost".to_owned(), "127.0.0.1".to_owned(), "::1".to_owned()];
    names.extend(host_name());
    let mut parameters = rcgen::CertificateParams::new(names).map_err(fault)?;
    parameters.distinguished_name = rcgen::DistinguishedName::new();
    parameters.distinguished_name.push(rcgen::DnType::CommonName, "Portcullis");
    // A day early, for clients whose clocks are behind.
    let (first, last) = (date(now, -1), date(now, SELF_SIGNED_DAYS - 1));
    parameters.not_before = rcgen::date_time_ymd(first.0, first.1, first.2);
    parameters.not_after = rcgen::date_time_ymd(last.0, last.1, last.2);
    parameters.key_usages = vec![rcgen::KeyUsagePurpose::DigitalSignature];
    parameters.extended_key_usages = vec![rcgen::ExtendedKeyUsagePurpose::ServerAuth];
    let key = rcgen::KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256).map_err(fault)?;
    let made = parameters.self_signed(&key).map_err(fault)?;
    // The key first: a start that was interrupted between the two finds no chain and makes both anew.
    write_private(&certificate.key, &key.serialize_pem())?;
    write_private(&certificate.chain, &made.pem())?;
    Ok(certificate)
}

/// Year, month and day so many days after a time.
fn date(now: Timestamp, days: i64) -> (i32, u8, u8) {
    let at = now.checked_add(SignedDuration::from_hours(24 * days)).unwrap_or(now);
    let date = at.to_zoned(TimeZone::UTC).date();
    (i32::from(date.year()), date.month().unsigned_abs(), date.day().unsigned_abs())
}

/// The name of this host, if it is one that a certificate can carry.
fn host_name() -> Option<String> {
    let name = std::fs::read_to_string("/proc/sys/kernel/hostname").ok()?.trim().to_ascii_lowercase();
    let is_name = !name.is_empty()
        && name.len() <= 253
        && name != "localhost"
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.'));
    is_name.then_some(name)
}

/// Writes a file that only its owner can read; it has its whole content or does not exist.
fn write_private(path: &Path, text: &str) -> Result<(), Fault> {
    use std::os::unix::fs::OpenOptionsExt as _;
    let fault = |cause| Fault::caused(Origin::Internal, format!("cannot write {}", path.display()), cause);
    let draft = path.with_extension("new");
    let _ = std::fs::remove_file(&draft);
    let mut file =
        std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&draft).map_err(fault)?;
    file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(fault)?;
    std::fs::rename(&draft, path).map_err(fault)
}

fn load(certificate: &Certificate) -> Result<Loaded, Fault> {
    let fault = |path: &Path, cause: rustls::pki_types::pem::Error| {
        Fault::caused(Origin::Internal, format!("cannot read {}", path.display()), cause)
    };
    let chain = CertificateDer::pem_file_iter(&certificate.chain)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|cause| fault(&certificate.chain, cause))?;
    let key =
        PrivateKeyDer::from_pem_file(&certificate.key).map_err(|cause| fault(&certificate.key, cause))?;
    let expires_at = chain.first().and_then(|first| expires_at(first));
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let broken = |cause: rustls::Error| {
        Fault::caused(Origin::Internal, "the certificate and its key do not serve", cause)
    };
    let mut server = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])
        .map_err(broken)?
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .map_err(broken)?;
    server.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(Loaded { server: Arc::new(server), expires_at })
}

/// The end of a certificate's validity (RFC 5280 section 4.1.2.5).
fn expires_at(certificate: &[u8]) -> Option<Timestamp> {
    let mut body = Reader::new(certificate).sequence()?.sequence()?;
    // An explicit version may stand before the serial number.
    let mut validity = loop {
        let (tag, _) = body.any()?;
        if tag == crate::der::INTEGER {
            body.sequence()?;
            body.sequence()?;
            break body.sequence()?;
        }
    };
    validity.any()?;
    let (tag, text) = validity.any()?;
    let text = std::str::from_utf8(text).ok()?;
    // UTCTime has two digits of the year, and 50 and above are of the last century.
    let text = match tag {
        0x17 if text.as_bytes().first()? >= &b'5' => format!("19{text}"),
        0x17 => format!("20{text}"),
        _ => text.to_owned(),
    };
    jiff::civil::DateTime::strptime("%Y%m%d%H%M%SZ", &text)
        .ok()?
        .to_zoned(TimeZone::UTC)
        .ok()
        .map(|zoned| zoned.timestamp())
}
