//! Keeps what a caller holds in its profile, so that of many processes one renews and the others take what it won.

use async_trait::async_trait;
use dialects::{Holding, Login, Method};
use identity::{Fault, Origin};

use super::{Lock, Name, Profile, Profiles};
use crate::caller::{Keeper, Kept, Turn};

/// Makes the login that replaces what has died, such as by asking for the password; none if it cannot.
pub type SignIn = Box<dyn Fn(&Holding) -> Result<Option<Login>, Fault> + Send + Sync>;

/// Keeps what is held in a profile.
pub struct ProfileKeeper {
    profiles: Profiles,
    name: Name,
    sign_in: Option<SignIn>,
}

impl ProfileKeeper {
    /// A keeper for one profile.
    pub fn new(profiles: Profiles, name: Name, sign_in: Option<SignIn>) -> Self {
        Self { profiles, name, sign_in }
    }
}

#[async_trait]
impl Keeper for ProfileKeeper {
    async fn turn(&self) -> Result<Box<dyn Turn>, Fault> {
        let (profiles, name) = (self.profiles.clone(), self.name.clone());
        let taken = tokio::task::spawn_blocking(move || profiles.lock(&name)).await;
        let lock = taken.map_err(|it| Fault::caused(Origin::Internal, "the wait for a lock broke", it))??;
        Ok(Box::new(lock))
    }

    async fn login(&self, died: &Holding) -> Result<Option<Login>, Fault> {
        self.sign_in.as_ref().map_or(Ok(None), |sign_in| sign_in(died))
    }
}

#[async_trait]
impl Turn for Lock {
    async fn kept(&self) -> Result<Kept, Fault> {
        Ok(match self.find()? {
            Some(Profile { holding: Some(holding), .. }) => Kept::Held(Box::new(holding)),
            Some(Profile { method: Method::Basic, keeps_password: false, .. }) => Kept::Nowhere,
            None | Some(_) => Kept::Ended,
        })
    }

    async fn rehearse(&self) -> Result<(), Fault> {
        Ok(Lock::rehearse(self)?)
    }

    async fn keep(&self, holding: &Holding) -> Result<(), Fault> {
        // Whoever has removed the profile meanwhile does not find it again.
        if let Some(mut profile) = self.find()? {
            profile.holding = Some(holding.clone());
            self.save(&profile)?;
        }
        Ok(())
    }
}

impl std::fmt::Debug for ProfileKeeper {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ProfileKeeper").field("name", &self.name).finish_non_exhaustive()
    }
}
