//! Seals what must come back in clear: AES-256-GCM under a key that lies in a file beside the database, or elsewhere.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arc_swap::ArcSwap;
use aws_lc_rs::aead::{AES_256_GCM, Aad, Nonce, RandomizedNonceKey};
use aws_lc_rs::{digest, rand};
use identity::model::secret::Secret;
use identity::{Fault, Origin};

/// What the first byte of everything sealed says: how the rest is to be read.
const VERSION: u8 = 1;
/// Bytes of a key.
const KEY: usize = 32;
/// Bytes by which a key is known.
const KEY_ID: usize = 8;
/// Bytes of a nonce.
const NONCE: usize = 12;
/// Most keys in a file: the one in use and those before it.
const KEYS_MAX: usize = 8;
/// Largest key file, in bytes.
const FILE_MAX: u64 = 4096;

/// Where the key of the vault lies: a file with 64 hexadecimal digits on its first line. On further lines there may
/// be earlier keys, under which things are still sealed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum VaultKey {
    /// A file of the store's own (mode 0600), made at the first start.
    Own(PathBuf),
    /// A file that somebody else makes, readable by its owner only.
    Given(PathBuf),
    /// A file that a service manager hands over and guards.
    Credential(PathBuf),
}

impl VaultKey {
    fn path(&self) -> &Path {
        match self {
            Self::Own(path) | Self::Given(path) | Self::Credential(path) => path,
        }
    }
}

/// What a thing is sealed as. It opens as nothing else, so that entries cannot take each other's place.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Purpose {
    Secret,
    Fact,
    Setting,
}

impl Purpose {
    fn bind(self, name: &str) -> Vec<u8> {
        let word = match self {
            Self::Secret => "secret",
            Self::Fact => "fact",
            Self::Setting => "setting",
        };
        [word.as_bytes(), &[0, VERSION], name.as_bytes()].concat()
    }
}

/// The keys at hand, or why there are none.
pub(crate) struct Sealer {
    source: VaultKey,
    ring: ArcSwap<Result<Vec<Key>, String>>,
}

struct Key {
    id: [u8; KEY_ID],
    cipher: RandomizedNonceKey,
}

impl Sealer {
    /// Reads the key. One of the store's own is made if there is none, unless something is sealed already: then
    /// the key is lost, and a new one would hide that.
    pub(crate) fn new(source: VaultKey, is_anything_sealed: bool) -> Result<Self, Fault> {
        if let VaultKey::Own(path) = &source
            && !path.exists()
            && !is_anything_sealed
        {
            write_file(path, fresh()?.expose())?;
        }
        let ring = read_ring(&source);
        Ok(Self { source, ring: ArcSwap::from_pointee(ring) })
    }

    /// Seals a value under the key in use.
    pub(crate) fn seal(&self, purpose: Purpose, name: &str, value: &[u8]) -> Result<Vec<u8>, Fault> {
        let ring = self.ring.load();
        let key = match ring.as_ref() {
            Ok(keys) => keys.first().ok_or_else(|| broken("the vault has no key"))?,
            Err(why) => return Err(closed(why)),
        };
        let mut text = value.to_vec();
        // The cipher draws its nonces itself: one that a caller chose could come twice.
        let nonce = key
            .cipher
            .seal_in_place_append_tag(Aad::from(purpose.bind(name)), &mut text)
            .map_err(|_| broken("a secret cannot be sealed"))?;
        Ok([&[VERSION], &key.id[..], nonce.as_ref(), &text].concat())
    }

    /// Opens what was sealed for this purpose and name.
    pub(crate) fn open(&self, purpose: Purpose, name: &str, sealed: &[u8]) -> Result<Vec<u8>, Fault> {
        let spoiled = || broken(format!("what is sealed as {name:?} was changed, or belongs elsewhere"));
        let (head, text) = sealed.split_at_checked(1 + KEY_ID + NONCE).ok_or_else(spoiled)?;
        if head[0] != VERSION {
            return Err(broken(format!("{name:?} was sealed by a newer version of this program")));
        }
        let ring = self.ring.load();
        let keys = match ring.as_ref() {
            Ok(keys) => keys,
            Err(why) => return Err(closed(why)),
        };
        let key = keys.iter().find(|it| head[1..=KEY_ID] == it.id).ok_or_else(|| {
            let shown = self.source.path().display();
            broken(format!(
                "{name:?} is sealed under another key than that in {shown}: put the right key there, from a backup, \
                 or set the secret anew"
            ))
        })?;
        let nonce = Nonce::try_assume_unique_for_key(&head[1 + KEY_ID..]).map_err(|_| spoiled())?;
        let mut text = text.to_vec();
        let aad = Aad::from(purpose.bind(name));
        let open = key.cipher.open_in_place(nonce, aad, &mut text).map_err(|_| spoiled())?;
        Ok(open.to_vec())
    }

    /// Begins to change the key: from now on things are sealed under the new one, and the earlier ones still open.
    /// They are on the disk together before anything is sealed.
    pub(crate) fn begin_change(&self) -> Result<(), Fault> {
        if let VaultKey::Own(path) = &self.source {
            let before =
                if path.exists() { read_file(&self.source).map_err(broken)? } else { Secret::new("") };
            // Changes that were cut off have left as many keys as there may be: none of them may go while something
            // is sealed under it, and the newest is as good as another.
            if before.expose().lines().count() < KEYS_MAX {
                let both = Secret::new(format!("{}{}\n", fresh()?.expose(), before.expose().trim_end()));
                write_file(path, both.expose().trim_end())?;
            }
        }
        self.read_again()
    }

    /// Forgets the earlier keys, when nothing is sealed under them any more.
    pub(crate) fn end_change(&self) -> Result<(), Fault> {
        if let VaultKey::Own(path) = &self.source {
            let all = read_file(&self.source).map_err(broken)?;
            write_file(path, all.expose().lines().next().unwrap_or_default())?;
        }
        self.read_again()
    }

    fn read_again(&self) -> Result<(), Fault> {
        let ring = read_ring(&self.source).map_err(|why| closed(&why))?;
        self.ring.store(Arc::new(Ok(ring)));
        Ok(())
    }
}

/// A new key as it stands in a file. It comes from the cipher's own library, so that no predictable source of a
/// test can ever make one.
fn fresh() -> Result<Secret, Fault> {
    let mut bytes = [0; KEY];
    rand::fill(&mut bytes).map_err(|_| broken("the system gives no random bytes"))?;
    let mut digits = String::with_capacity(2 * KEY + 1);
    for byte in bytes {
        let _ = std::fmt::Write::write_fmt(&mut digits, format_args!("{byte:02x}"));
    }
    Ok(Secret::new(digits + "\n"))
}

fn read_ring(source: &VaultKey) -> Result<Vec<Key>, String> {
    let text = read_file(source)?;
    let shown = source.path().display();
    let mut keys = Vec::new();
    for line in text.expose().lines() {
        let wrong = || format!("{shown} is no key: each line must be 64 hexadecimal digits");
        let bytes = from_hex(line.trim()).ok_or_else(wrong)?;
        let id = digest::digest(&digest::SHA256, &bytes);
        let mut key_id = [0; KEY_ID];
        key_id.copy_from_slice(&id.as_ref()[..KEY_ID]);
        let cipher = RandomizedNonceKey::new(&AES_256_GCM, &bytes).map_err(|_| wrong())?;
        keys.push(Key { id: key_id, cipher });
    }
    match keys.len() {
        0 => Err(format!("{shown} is empty")),
        count if count > KEYS_MAX => Err(format!("{shown} holds more than {KEYS_MAX} keys")),
        _ => Ok(keys),
    }
}

fn from_hex(line: &str) -> Option<[u8; KEY]> {
    if line.len() != 2 * KEY || !line.bytes().all(|it| it.is_ascii_hexdigit()) {
        return None;
    }
    let mut bytes = [0; KEY];
    for (place, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(line.get(2 * place..2 * place + 2)?, 16).ok()?;
    }
    Some(bytes)
}

fn read_file(source: &VaultKey) -> Result<Secret, String> {
    let path = source.path();
    let shown = path.display();
    let unreadable = |error: io::Error| match error.kind() {
        io::ErrorKind::NotFound => format!("there is no key {shown}; put it back from a backup"),
        _ => format!("cannot read {shown}: {error}"),
    };
    let file = File::open(path).map_err(unreadable)?;
    let mode = file.metadata().map_err(unreadable)?.permissions().mode();
    if mode & 0o077 != 0 && !matches!(source, VaultKey::Credential(_)) {
        return Err(format!("{shown} is open to other users; run: chmod 600 {shown}"));
    }
    let mut text = String::new();
    file.take(FILE_MAX).read_to_string(&mut text).map_err(unreadable)?;
    Ok(Secret::new(text))
}

/// Writes the key: whole or not at all, on the disk when this returns, and never open to anybody else.
fn write_file(path: &Path, text: &str) -> Result<(), Fault> {
    let unfinished = path.with_extension("unfinished");
    let write = || -> io::Result<()> {
        match fs::remove_file(&unfinished) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&unfinished)?;
        file.write_all(text.trim_end().as_bytes())?;
        file.write_all(b"\n")?;
        file.sync_all()?;
        fs::rename(&unfinished, path)?;
        File::open(path.parent().unwrap_or(Path::new(".")))?.sync_all()
    };
    write().map_err(|cause| {
        Fault::caused(Origin::Store, format!("the key {} cannot be written", path.display()), cause)
    })
}

fn closed(why: &str) -> Fault {
    broken(format!("the vault is closed: {why}"))
}

fn broken(message: impl Into<String>) -> Fault {
    Fault::new(Origin::Store, message)
}
