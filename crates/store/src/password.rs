//! Passwords: argon2id in PHC form is made; that and Django's `pbkdf2_sha256$…` are checked. Passwords are
//! compared byte for byte: two Unicode spellings of one text are two passwords.

use std::num::NonZeroU32;
use std::sync::Arc;

use argon2::{Algorithm, Argon2, Block, Params, Version};
use async_trait::async_trait;
use aws_lc_rs::pbkdf2;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use identity::model::password::BYTES_MAX;
use identity::model::secret::{self, Secret};
use identity::port::{PasswordHash, PasswordVerifier, Random, Verdict};
use identity::{Fault, Origin, Refusal};
use jiff::SignedDuration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::spawn_blocking;

/// The dearest stored hash that is looked at: 256 MiB, 32 passes, 16 lanes.
const MEMORY_KIB_MAX: u32 = 262_144;
const ITERATIONS_MAX: u32 = 32;
const LANES_MAX: u32 = 16;
/// Most rounds of a stored PBKDF2 hash.
const ROUNDS_MAX: u32 = 10_000_000;
/// Blocks of 1 KiB whose allocation is beyond the largest threshold (32 MiB) of the usual C library.
const BLOCKS_RESERVED: usize = 34 * 1024;
const SALT_LENGTH: usize = 16;
const OUTPUT_LENGTH: usize = 32;
/// When to come back if too many wait.
const BUSY_WAIT: SignedDuration = SignedDuration::from_secs(1);

/// What a new hash costs, and how many are made at once (ASVS 5.0, 11.4.2; RFC 9106).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PasswordPolicy {
    /// Memory of one hash in KiB.
    pub memory_kib: u32,
    /// Passes over it.
    pub iterations: u32,
    /// Lanes.
    pub lanes: u32,
    /// Hashes at once; 0 is one per core.
    pub concurrency: usize,
    /// Hashes that may wait beyond that.
    pub queue_max: usize,
}

impl Default for PasswordPolicy {
    fn default() -> Self {
        Self { memory_kib: 19_456, iterations: 2, lanes: 1, concurrency: 0, queue_max: 64 }
    }
}

/// Checks and makes password hashes on threads of their own.
pub struct Hasher {
    params: Params,
    random: Arc<dyn Random>,
    running: Arc<Semaphore>,
    waiting: Arc<Semaphore>,
}

impl Hasher {
    /// A hasher of this policy.
    ///
    /// # Errors
    /// Costs that argon2 does not allow, or that are dearer than any stored hash may be.
    pub fn new(policy: &PasswordPolicy, random: Arc<dyn Random>) -> Result<Self, Fault> {
        let params = params(policy.memory_kib, policy.iterations, policy.lanes)
            .ok_or_else(|| Fault::new(Origin::Internal, "impossible costs of password hashes"))?;
        let cores = || std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
        let concurrency = if policy.concurrency == 0 { cores() } else { policy.concurrency };
        Ok(Self {
            params,
            random,
            running: Arc::new(Semaphore::new(concurrency.min(Semaphore::MAX_PERMITS))),
            waiting: Arc::new(Semaphore::new(policy.queue_max.min(Semaphore::MAX_PERMITS))),
        })
    }

    /// Waits for a turn, if not too many wait already.
    async fn turn(&self) -> Result<OwnedSemaphorePermit, Refusal> {
        if let Ok(turn) = Arc::clone(&self.running).try_acquire_owned() {
            return Ok(turn);
        }
        let place = self.waiting.try_acquire().map_err(|_| Refusal::Busy(BUSY_WAIT))?;
        let turn = Arc::clone(&self.running).acquire_owned().await;
        drop(place);
        turn.map_err(|_| Refusal::Busy(BUSY_WAIT))
    }

    /// Runs work on a blocking thread. The turn goes with it: a caller who leaves frees nothing too early.
    async fn work<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Refusal> {
        let turn = self.turn().await?;
        let done = spawn_blocking(move || {
            let value = work();
            drop(turn);
            value
        });
        done.await.map_err(|error| Fault::caused(Origin::Internal, "the hashing ended badly", error).into())
    }
}

#[async_trait]
impl PasswordVerifier for Hasher {
    async fn verify(&self, password: &Secret, hash: Option<&PasswordHash>) -> Result<Verdict, Refusal> {
        if !is_possible(password) {
            return Ok(Verdict::Wrong);
        }
        let (password, today) = (password.clone(), self.params.clone());
        let stored = hash.and_then(|it| Stored::parse(&it.0));
        self.work(move || {
            stored.map_or_else(|| in_vain(&password, &today), |it| it.verify(&password, &today))
        })
        .await
    }

    async fn hash(&self, password: &Secret) -> Result<PasswordHash, Refusal> {
        if !is_possible(password) {
            return Err(Fault::new(Origin::Internal, "a password of no possible length").into());
        }
        let mut salt = [0; SALT_LENGTH];
        self.random.fill(&mut salt);
        let (password, params) = (password.clone(), self.params.clone());
        let output = {
            let params = params.clone();
            self.work(move || argon2id(&password, &salt, &params, OUTPUT_LENGTH)).await?
        };
        let output = output.ok_or_else(|| Fault::new(Origin::Internal, "the password cannot be hashed"))?;
        Ok(PasswordHash(format!(
            "$argon2id$v=19$m={},t={},p={}${}${}",
            params.m_cost(),
            params.t_cost(),
            params.p_cost(),
            STANDARD_NO_PAD.encode(salt),
            STANDARD_NO_PAD.encode(output),
        )))
    }
}

fn is_possible(password: &Secret) -> bool {
    (1..=BYTES_MAX).contains(&password.expose().len())
}

fn params(memory_kib: u32, iterations: u32, lanes: u32) -> Option<Params> {
    let is_payable = memory_kib <= MEMORY_KIB_MAX && iterations <= ITERATIONS_MAX && lanes <= LANES_MAX;
    if is_payable { Params::new(memory_kib, iterations, lanes, None).ok() } else { None }
}

fn argon2id(password: &Secret, salt: &[u8], params: &Params, length: usize) -> Option<Vec<u8>> {
    let mut output = vec![0; length];
    // Untouched capacity costs nothing, and makes the allocation so large that the C library gives it back
    // to the system afterwards instead of keeping it for each thread.
    let mut memory = Vec::with_capacity(params.block_count().max(BLOCKS_RESERVED));
    memory.resize(params.block_count(), Block::new());
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params.clone())
        .hash_password_into_with_memory(password.expose().as_bytes(), salt, &mut output, &mut memory)
        .ok()?;
    Some(output)
}

/// The work of a check for which there is no hash: an unknown user costs what a known one does.
fn in_vain(password: &Secret, today: &Params) -> Verdict {
    let output = argon2id(password, &[0x5a; SALT_LENGTH], today, OUTPUT_LENGTH);
    std::hint::black_box(output);
    Verdict::Wrong
}

/// A hash that Django keeps, in the form in which it is kept here; none if it has a form that is not known.
pub(crate) fn imported(text: &str) -> Option<String> {
    // Django writes the name of the algorithm before the usual form of argon2.
    let text = text.strip_prefix("argon2").filter(|it| it.starts_with("$argon2id$")).unwrap_or(text);
    Stored::parse(text).map(|_| text.to_owned())
}

/// A stored hash, taken apart.
enum Stored {
    Argon2id { params: Params, salt: Vec<u8>, output: Vec<u8> },
    Pbkdf2 { rounds: NonZeroU32, salt: Vec<u8>, output: Vec<u8> },
}

impl Stored {
    /// None if the text is no hash that anybody could have a password for.
    fn parse(text: &str) -> Option<Self> {
        match text.strip_prefix("$argon2id$") {
            Some(rest) => Self::parse_phc(rest),
            None => Self::parse_django(text.strip_prefix("pbkdf2_sha256$")?),
        }
    }

    fn parse_phc(text: &str) -> Option<Self> {
        let mut parts = text.split('$');
        let (version, costs) = (parts.next()?, parts.next()?);
        let (salt, output) = (parts.next()?, parts.next()?);
        if version != "v=19" || parts.next().is_some() {
            return None;
        }
        let mut costs = costs.split(',');
        let mut cost = |name: &str| costs.next()?.strip_prefix(name)?.parse::<u32>().ok();
        let params = params(cost("m=")?, cost("t=")?, cost("p=")?)?;
        let salt = STANDARD_NO_PAD.decode(salt).ok()?;
        let output = STANDARD_NO_PAD.decode(output).ok()?;
        ((8..=64).contains(&salt.len()) && (16..=64).contains(&output.len())).then_some(Self::Argon2id {
            params,
            salt,
            output,
        })
    }

    fn parse_django(text: &str) -> Option<Self> {
        let mut parts = text.split('$');
        let (rounds, salt, output) = (parts.next()?, parts.next()?, parts.next()?);
        let rounds = rounds.parse().ok().filter(|it: &NonZeroU32| it.get() <= ROUNDS_MAX)?;
        let output = STANDARD.decode(output).ok()?;
        (parts.next().is_none() && salt.len() <= 128 && output.len() == 32).then(|| Self::Pbkdf2 {
            rounds,
            salt: salt.as_bytes().to_vec(),
            output,
        })
    }

    fn verify(&self, password: &Secret, today: &Params) -> Verdict {
        match self {
            Self::Argon2id { params, salt, output } => {
                let is_right = argon2id(password, salt, params, output.len())
                    .is_some_and(|found| secret::equal(&found, output));
                let is_current = params == today && output.len() == OUTPUT_LENGTH;
                match (is_right, is_current) {
                    (false, _) => Verdict::Wrong,
                    (true, true) => Verdict::Right,
                    (true, false) => Verdict::RightButOutdated,
                }
            }
            Self::Pbkdf2 { rounds, salt, output } => {
                let password = password.expose().as_bytes();
                let is_right =
                    pbkdf2::verify(pbkdf2::PBKDF2_HMAC_SHA256, *rounds, salt, password, output).is_ok();
                if is_right { Verdict::RightButOutdated } else { Verdict::Wrong }
            }
        }
    }
}

#[cfg(test)]
mod tests;
