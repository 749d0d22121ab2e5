//! Which saved sign-in a command means: one that its command line names, else one that the environment names, else the
//! current one.

use clap::parser::ValueSource;
use clap::{Arg, ArgMatches, Args, Command, Error, FromArgMatches};
use client::saved::Name;

use super::{Opened, profiles, saved};
use crate::exit::{Exit, Outcome, Stop};

/// The name of the option, and of its argument within clap.
const OPTION: &str = "profile";

/// The option of every command on a platform: which saved sign-in.
#[derive(Clone, Debug, Default)]
pub struct Chosen {
    profile: Option<String>,
    is_wanted: bool,
}

impl FromArgMatches for Chosen {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, Error> {
        let profile = matches.get_one::<String>(OPTION).cloned();
        let is_wanted = matches.value_source(OPTION) == Some(ValueSource::CommandLine);
        Ok(Self { profile, is_wanted })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

/// By hand, because a derived one does not tell the command line from the environment.
impl Args for Chosen {
    fn augment_args(command: Command) -> Command {
        let option = Arg::new(OPTION).long(OPTION).value_name("PROFILE").env("PORTCULLIS_PROFILE");
        command.arg(option.help("Use this saved sign-in instead of the current one"))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl Chosen {
    /// Whether the command line names one. What the environment names is a default, and no wish.
    pub fn is_wanted(&self) -> bool {
        self.is_wanted
    }

    /// Whether the command line or the environment names one.
    pub fn is_named(&self) -> bool {
        self.profile.is_some()
    }

    /// The saved sign-in that is named, or the current one; none if neither is said.
    pub fn find(&self) -> Outcome<Option<Opened>> {
        let profiles = profiles()?;
        let name = match &self.profile {
            Some(name) => Some(Name::parse(name).map_err(saved)?),
            None => profiles.current().map_err(saved)?,
        };
        let Some(name) = name else { return Ok(None) };
        let profile = profiles.get(&name).map_err(saved)?;
        Opened::of(profiles, name, profile).map(Some)
    }

    /// The same, where there must be one.
    pub fn open(&self) -> Outcome<Opened> {
        let nobody =
            "nobody is signed in; run `portcullis login URL`, or choose with `portcullis profile use`";
        self.find()?.ok_or_else(|| Stop::new(Exit::SignedOut, nobody))
    }
}
