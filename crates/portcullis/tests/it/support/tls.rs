//! Encrypted connections, and HTTP/2 in single frames (RFC 9113), so that a test can send what no client
//! library would.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, ClientConnection, DigitallySignedStruct, SignatureScheme, StreamOwned};

use super::http::connect;

/// An encrypted connection.
pub type TlsStream = StreamOwned<ClientConnection, TcpStream>;

/// Connects and offers this protocol, `http/1.1` or `h2`. Any certificate will do.
pub fn connect_tls(address: SocketAddr, protocol: &str) -> io::Result<TlsStream> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut config = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .unwrap()
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Anything(provider)))
        .with_no_client_auth();
    config.alpn_protocols = vec![protocol.as_bytes().to_vec()];
    let name = ServerName::try_from("localhost").unwrap();
    let connection = ClientConnection::new(Arc::new(config), name).map_err(io::Error::other)?;
    let mut stream = StreamOwned::new(connection, connect(address)?);
    while stream.conn.is_handshaking() {
        stream.conn.complete_io(&mut stream.sock)?;
    }
    Ok(stream)
}

/// What the other side still says on a connection that takes nothing any more.
pub struct Rest(pub TlsStream);

impl Read for Rest {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            match self.0.conn.reader().read(buffer) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                read => return read,
            }
            if self.0.conn.read_tls(&mut self.0.sock)? == 0 {
                return Ok(0);
            }
            self.0.conn.process_new_packets().map_err(io::Error::other)?;
        }
    }
}

#[derive(Debug)]
struct Anything(Arc<CryptoProvider>);

impl ServerCertVerifier for Anything {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}

const DATA: u8 = 0;
const HEADERS: u8 = 1;
const RESET: u8 = 3;
const SETTINGS: u8 = 4;
const PING: u8 = 6;
const GOAWAY: u8 = 7;

/// How one HTTP/2 stream ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StreamEnd {
    /// With an answer of this status.
    Answer(u16),
    /// The server reset the stream.
    Reset,
    /// The server gave up the connection.
    Gone,
}

/// An HTTP/2 connection.
pub struct Frames {
    stream: TlsStream,
    next: u32,
}

impl Frames {
    /// Connects.
    pub fn connect(address: SocketAddr) -> Self {
        Self::connect_with(address, &[])
    }

    /// Connects as a client that takes no byte of any body until it says so (RFC 9113 section 6.9.2).
    pub fn connect_without_window(address: SocketAddr) -> Self {
        Self::connect_with(address, &[0, 4, 0, 0, 0, 0])
    }

    fn connect_with(address: SocketAddr, settings: &[u8]) -> Self {
        let mut stream = connect_tls(address, "h2").unwrap();
        stream.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").unwrap();
        let mut frames = Self { stream, next: 1 };
        frames.send(SETTINGS, 0, 0, settings);
        frames
    }

    /// Sends a request of exactly these fields, in this order, and this body; says how it ended.
    pub fn request(&mut self, fields: &[(&[u8], &[u8])], body: &[u8]) -> StreamEnd {
        let id = self.begin(fields, body);
        self.wait(id)
    }

    /// Sends a request and does not wait for its answer; the number of its stream.
    pub fn begin(&mut self, fields: &[(&[u8], &[u8])], body: &[u8]) -> u32 {
        let id = self.next;
        self.next += 2;
        let mut block = Vec::new();
        for (name, value) in fields {
            // A literal that enters no table (RFC 7541 section 6.2.2).
            block.push(0);
            put_text(&mut block, name);
            put_text(&mut block, value);
        }
        let ends = u8::from(body.is_empty());
        self.send(HEADERS, 4 | ends, id, &block);
        if !body.is_empty() {
            self.send(DATA, 1, id, body);
        }
        id
    }

    /// Whether the server ends so many streams, or the connection, before it is silent for as long as a test
    /// waits. Pings are answered meanwhile.
    pub fn is_given_up(&mut self, mut streams: usize) -> bool {
        while streams > 0 {
            match self.read_frame() {
                Ok((GOAWAY, ..)) => return true,
                Ok((RESET, ..)) => streams -= 1,
                Ok((SETTINGS, flags, ..)) if flags & 1 == 0 => self.send(SETTINGS, 1, 0, &[]),
                Ok((PING, flags, _, payload)) if flags & 1 == 0 => self.send(PING, 1, 0, &payload),
                Ok(_) => {}
                Err(error) => {
                    return !matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut);
                }
            }
        }
        true
    }

    fn send(&mut self, kind: u8, flags: u8, id: u32, payload: &[u8]) {
        let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
        let mut frame = length[1..].to_vec();
        frame.extend([kind, flags]);
        frame.extend(id.to_be_bytes());
        frame.extend(payload);
        let _ = self.stream.write_all(&frame);
        let _ = self.stream.flush();
    }

    fn wait(&mut self, id: u32) -> StreamEnd {
        let mut status = None;
        loop {
            let Ok((kind, flags, stream, payload)) = self.read_frame() else {
                return status.map_or(StreamEnd::Gone, StreamEnd::Answer);
            };
            match kind {
                SETTINGS if flags & 1 == 0 => self.send(SETTINGS, 1, 0, &[]),
                PING if flags & 1 == 0 => self.send(PING, 1, 0, &payload),
                GOAWAY => return status.map_or(StreamEnd::Gone, StreamEnd::Answer),
                RESET if stream == id => return status.map_or(StreamEnd::Reset, StreamEnd::Answer),
                HEADERS if stream == id && status.is_none() => status = Some(read_status(&payload)),
                _ => {}
            }
            if stream == id
                && matches!(kind, HEADERS | DATA)
                && flags & 1 == 1
                && let Some(status) = status
            {
                return StreamEnd::Answer(status);
            }
        }
    }

    fn read_frame(&mut self) -> io::Result<(u8, u8, u32, Vec<u8>)> {
        let mut head = [0; 9];
        self.stream.read_exact(&mut head)?;
        let length = usize::from(head[0]) << 16 | usize::from(head[1]) << 8 | usize::from(head[2]);
        let mut payload = vec![0; length];
        self.stream.read_exact(&mut payload)?;
        let id = u32::from_be_bytes([head[5], head[6], head[7], head[8]]) & 0x7fff_ffff;
        Ok((head[3], head[4], id, payload))
    }
}

fn put_text(block: &mut Vec<u8>, text: &[u8]) {
    // RFC 7541 section 5.1: a length of seven bits, continued in groups of seven.
    match text.len() {
        length @ 0..127 => block.push(u8::try_from(length).unwrap()),
        length => {
            block.push(127);
            let mut rest = length - 127;
            while rest >= 128 {
                block.push(u8::try_from(rest % 128).unwrap() | 128);
                rest /= 128;
            }
            block.push(u8::try_from(rest).unwrap());
        }
    }
    block.extend(text);
}

/// The status of an answer: its first field, from the static table or as a literal (RFC 7541 appendix A).
fn read_status(block: &[u8]) -> u16 {
    let block = &block[block.iter().take_while(|byte| **byte & 0xe0 == 0x20).count()..];
    if let byte @ 0x88..=0x8e = block[0] {
        return [200, 204, 206, 304, 400, 404, 500][usize::from(byte - 0x88)];
    }
    let is_coded = block[1] & 0x80 != 0;
    let text = &block[2..2 + usize::from(block[1] & 0x7f)];
    let digits = if is_coded { huffman_digits(text) } else { text.to_vec() };
    String::from_utf8(digits).unwrap().parse().unwrap()
}

/// Digits in the code of RFC 7541 appendix B: 0, 1 and 2 have five bits, the others six.
fn huffman_digits(bytes: &[u8]) -> Vec<u8> {
    let bits: Vec<u8> = bytes.iter().flat_map(|byte| (0..8).rev().map(move |at| byte >> at & 1)).collect();
    let number = |bits: &[u8]| bits.iter().fold(0_u8, |number, bit| number << 1 | bit);
    let (mut digits, mut at) = (Vec::new(), 0);
    while at + 5 <= bits.len() && digits.len() < 3 {
        match number(&bits[at..at + 5]) {
            low @ 0..=2 => (digits.push(b'0' + low), at += 5).1,
            _ => (digits.push(b'0' + number(&bits[at..at + 6]) - 0b01_1001 + 3), at += 6).1,
        }
    }
    digits
}
