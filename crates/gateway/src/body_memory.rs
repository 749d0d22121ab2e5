//! What bodies may take of our memory while they are read as a whole, before anybody knows who sends them: so much in
//! all, and so much of it for one client.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt as _;
use hyper::body::Incoming;

use crate::forward::Failure;

/// Most bytes of all bodies together.
const ALL_MAX: usize = 256 * 1024 * 1024;
/// Most bytes of the bodies of one client: as many as a configuration may allow one body to have.
const CLIENT_MAX: usize = 64 * 1024 * 1024;

/// Counts the bytes of bodies that lie in memory, in all and by client.
#[derive(Debug, Default)]
pub struct BodyMemory(Mutex<Taken>);

#[derive(Debug, Default)]
struct Taken {
    all: usize,
    by_client: HashMap<IpAddr, usize>,
}

/// What one body has taken. It is given back when this is dropped.
#[derive(Debug)]
pub struct Share {
    memory: Arc<BodyMemory>,
    client: IpAddr,
    bytes: usize,
}

impl BodyMemory {
    /// The share of a body that has not begun.
    pub fn share(self: &Arc<Self>, address: IpAddr) -> Share {
        Share { memory: Arc::clone(self), client: client(address), bytes: 0 }
    }

    fn lock(&self) -> MutexGuard<'_, Taken> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Share {
    /// Takes so many bytes more, if there are as many.
    pub fn grow(&mut self, bytes: usize) -> Result<(), Failure> {
        let mut taken = self.memory.lock();
        let before = taken.by_client.get(&self.client).copied().unwrap_or(0);
        if taken.all.saturating_add(bytes) > ALL_MAX || before.saturating_add(bytes) > CLIENT_MAX {
            return Err(Failure::Busy);
        }
        taken.all += bytes;
        taken.by_client.insert(self.client, before + bytes);
        self.bytes += bytes;
        Ok(())
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        if self.bytes == 0 {
            return;
        }
        let mut taken = self.memory.lock();
        taken.all -= self.bytes;
        if let Some(count) = taken.by_client.get_mut(&self.client) {
            *count -= self.bytes;
            if *count == 0 {
                taken.by_client.remove(&self.client);
            }
        }
    }
}

/// What counts as one client: of IPv6 the first half, since everybody has the second to choose from.
fn client(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() >> 64 << 64).into(),
    }
}

/// What was read of a body.
pub struct Whole {
    /// Its bytes, or how it begins.
    pub bytes: Bytes,
    /// What is still to come, if it is longer than it may be.
    pub rest: Option<Incoming>,
    /// Its place in memory.
    pub share: Share,
}

/// Reads a body to its end, or until it is longer than that.
pub async fn read(
    mut body: Incoming,
    bytes_max: u64,
    timeout: Duration,
    mut share: Share,
) -> Result<Whole, Failure> {
    let deadline = tokio::time::Instant::now() + timeout;
    let mut read = BytesMut::new();
    loop {
        let data = match tokio::time::timeout_at(deadline, body.frame()).await {
            // Trailers end a body, and do not go on.
            Ok(Some(Ok(frame))) => frame.into_data().ok(),
            Ok(None) => None,
            Ok(Some(Err(_))) | Err(_) => return Err(Failure::ClientIdle),
        };
        let Some(data) = data else { return Ok(Whole { bytes: read.freeze(), rest: None, share }) };
        share.grow(data.len())?;
        read.extend_from_slice(&data);
        if read.len() as u64 > bytes_max {
            return Ok(Whole { bytes: read.freeze(), rest: Some(body), share });
        }
    }
}

/// Reads what is left of a body that has its place in memory already. Fails if it rests for too long, or is longer
/// than it said.
pub async fn read_rest(
    begun: Bytes,
    mut body: Incoming,
    length: usize,
    idle_timeout: Duration,
) -> Result<Bytes, Failure> {
    let mut read = BytesMut::from(&*begun);
    loop {
        let data = match tokio::time::timeout(idle_timeout, body.frame()).await {
            Ok(Some(Ok(frame))) => frame.into_data().ok(),
            Ok(None) => None,
            Ok(Some(Err(_))) | Err(_) => return Err(Failure::ClientIdle),
        };
        let Some(data) = data else { return Ok(read.freeze()) };
        if begun.is_empty() && read.is_empty() && data.len() == length {
            // The usual body comes at once, and is not copied.
            return Ok(data);
        }
        if read.len() + data.len() > length {
            return Err(Failure::TooLong);
        }
        read.reserve(length - read.len());
        read.extend_from_slice(&data);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_client_takes_only_its_part_and_all_only_theirs() {
        let memory = Arc::new(BodyMemory::default());
        let address = |text: &str| text.parse::<IpAddr>().unwrap();
        let mut first = memory.share(address("2001:db8::1"));
        first.grow(CLIENT_MAX).unwrap();
        assert_eq!(memory.share(address("2001:db8::2")).grow(1), Err(Failure::Busy));
        let mut shares = vec![first];
        for number in 1..ALL_MAX / CLIENT_MAX {
            let mut share = memory.share(address(&format!("192.0.2.{number}")));
            share.grow(CLIENT_MAX - 1).unwrap();
            share.grow(1).unwrap();
            shares.push(share);
        }
        assert_eq!(memory.share(address("198.51.100.1")).grow(1), Err(Failure::Busy));
        shares.pop();
        memory.share(address("198.51.100.1")).grow(1).unwrap();
        shares.clear();
        let taken = memory.lock();
        assert!(taken.all == 0 && taken.by_client.is_empty(), "{taken:?}");
    }
}
