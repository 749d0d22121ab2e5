//! On which side a command acts that both sides have, such as `portcullis token`: on the data of a gateway here, or
//! at the platform that somebody is signed in at.

use super::{Chosen, Opened, say};
use crate::command::shell::Shell;
use crate::exit::{Outcome, Stop};

/// What such a command does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    /// It makes something for somebody.
    Create,
    /// It only looks.
    List,
    /// It ends something that it names by a number, which both sides may have.
    Revoke,
}

/// The side.
pub enum Side {
    /// The data of the gateway here.
    Store,
    /// The platform.
    Platform(Box<Opened>),
}

/// What is known before anything is decided.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Signs {
    /// The command line has something that only the data here has, such as `--user`.
    means_store: bool,
    /// It names a data directory.
    names_data_dir: bool,
    /// It names a profile.
    names_profile: bool,
    /// There is a current profile, or a named one.
    has_profile: bool,
    /// There is a data directory where one is looked for.
    has_store: bool,
}

/// The side that is meant; it is said on standard error, so that nobody is mistaken. `means_store` tells whether the
/// command line has something that only the data here has (`--user`, `--everybody`, `--all`, `clean`).
pub fn side(deed: Deed, means_store: bool, chosen: &Chosen, shell: &Shell) -> Outcome<Side> {
    let names_data_dir = shell.names_data_dir();
    // The environment names a profile for whatever is meant for one.
    let names_profile = chosen.is_wanted() || chosen.is_named() && !means_store && !names_data_dir;
    let mut signs = Signs { means_store, names_data_dir, names_profile, ..Signs::default() };
    // Whoever administers a gateway may have no home at all: what is not needed is not looked for.
    let is_plain = means_store || signs.names_data_dir && !signs.names_profile;
    let opened = if is_plain { None } else { chosen.find()? };
    (signs.has_profile, signs.has_store) = (opened.is_some(), shell.data_dir().is_dir());
    let is_platform = is_platform(deed, signs).map_err(|it| Stop::usage(anyhow::Error::msg(it)))?;
    match opened {
        Some(opened) if is_platform => {
            say(&format!("at {} ({})", opened.profile.base, opened.name));
            Ok(Side::Platform(Box::new(opened)))
        }
        None if is_platform => chosen.open().map(|it| Side::Platform(Box::new(it))),
        _ => {
            say(&format!("in {}", shell.data_dir().display()));
            Ok(Side::Store)
        }
    }
}

/// Whether the platform is meant.
fn is_platform(deed: Deed, signs: Signs) -> Result<bool, &'static str> {
    let Signs { means_store, names_data_dir, names_profile, has_profile, has_store } = signs;
    match (means_store || names_data_dir, names_profile) {
        (true, true) => Err(
            "--profile means a platform, and --data-dir, --user, --everybody and --all mean a gateway here; \
                 give one of them",
        ),
        (true, false) => Ok(false),
        (false, true) => Ok(true),
        (false, false) => match deed {
            Deed::Create => Ok(true),
            Deed::Revoke if has_profile && has_store => Err(
                "this number may be meant at the platform or in the data directory here; say which, with \
                     --profile PROFILE or --data-dir DIR",
            ),
            Deed::List | Deed::Revoke => Ok(has_profile),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::{Deed, Signs, is_platform};

    const NONE: Signs = Signs {
        means_store: false,
        names_data_dir: false,
        names_profile: false,
        has_profile: false,
        has_store: false,
    };

    #[test]
    fn what_is_named_decides() {
        for deed in [Deed::Create, Deed::List, Deed::Revoke] {
            for (has_profile, has_store) in [(false, false), (true, false), (false, true), (true, true)] {
                let around = Signs { has_profile, has_store, ..NONE };
                assert_eq!(is_platform(deed, Signs { means_store: true, ..around }), Ok(false));
                assert_eq!(is_platform(deed, Signs { names_data_dir: true, ..around }), Ok(false));
                assert_eq!(is_platform(deed, Signs { names_profile: true, ..around }), Ok(true));
                let both = Signs { means_store: true, names_profile: true, ..around };
                assert!(is_platform(deed, both).is_err());
            }
        }
    }

    #[test]
    fn what_is_not_named_is_guessed_only_where_that_is_harmless() {
        let signed_in = Signs { has_profile: true, ..NONE };
        let both = Signs { has_store: true, ..signed_in };
        assert_eq!(is_platform(Deed::Create, NONE), Ok(true), "it will say that nobody is signed in");
        assert_eq!([is_platform(Deed::List, NONE), is_platform(Deed::Revoke, NONE)], [Ok(false), Ok(false)]);
        assert_eq!(
            [is_platform(Deed::List, both), is_platform(Deed::Revoke, signed_in)],
            [Ok(true), Ok(true)]
        );
        assert!(is_platform(Deed::Revoke, both).is_err());
    }
}
