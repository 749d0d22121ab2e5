//! The words of the command line for what dialects, methods and portals are called below.

use std::path::PathBuf;

use clap::ValueEnum;
use dialects::{Application, Dialect, Method};
use identity::model::portal::Portal;

use super::secrets::{SecretSource, from_file};
use crate::exit::Outcome;

/// A platform, or whichever it turns out to be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Platform {
    /// Ask the server's public pages which it is
    #[default]
    Auto,
    /// Ansible Automation Platform's gateway
    Aap,
    /// Astra Automation
    Astra,
    /// AWX
    Awx,
    /// Cisco Catalyst SD-WAN Manager
    Catalyst,
    /// Apprenda
    Apprenda,
}

impl Platform {
    /// Its dialect; none if the server is to be asked.
    pub fn dialect(self) -> Option<&'static dyn Dialect> {
        let name = match self {
            Self::Auto => return None,
            Self::Aap => "aap",
            Self::Astra => "astra",
            Self::Awx => "awx",
            Self::Catalyst => "catalyst",
            Self::Apprenda => "apprenda",
        };
        dialects::named(name)
    }
}

/// A way to sign in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Way {
    /// A session of the server, which logout ends
    Session,
    /// The name and the password with every request; both are kept
    Basic,
    /// A token, made with the name and the password, or given
    Token,
    /// A token for which you let this machine in, in a browser
    Device,
}

impl From<Way> for Method {
    fn from(way: Way) -> Self {
        match way {
            Way::Session => Self::Session,
            Way::Basic => Self::Basic,
            Way::Token => Self::Token,
            Way::Device => Self::Device,
        }
    }
}

/// A portal of Apprenda's platform.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Door {
    /// Platform operations
    Soc,
    /// The developer portal
    Developer,
    /// The account portal
    Account,
}

impl Door {
    /// The word for a portal.
    pub fn of(portal: Portal) -> Self {
        match portal {
            Portal::Operations => Self::Soc,
            Portal::Developer => Self::Developer,
            Portal::Account => Self::Account,
        }
    }
}

impl From<Door> for Portal {
    fn from(door: Door) -> Self {
        match door {
            Door::Soc => Self::Operations,
            Door::Developer => Self::Developer,
            Door::Account => Self::Account,
        }
    }
}

/// Whose certificates are taken.
#[derive(Clone, Debug, Default, clap::Args)]
#[group(multiple = false)]
pub struct TrustOptions {
    /// Take any certificate: whoever sits on the way can read and change everything
    #[arg(long)]
    pub insecure: bool,
    /// Trust the certificates in this file (PEM), and no others
    #[arg(long, value_name = "FILE")]
    pub ca: Option<PathBuf>,
}

/// How somebody signs in: at which platform, as whom, and with what.
#[derive(Debug, clap::Args)]
pub struct Entry {
    /// Which platform it is
    #[arg(long, value_name = "PLATFORM", value_enum, default_value_t)]
    pub platform: Platform,
    /// Who signs in; a login asks for it if it is not said
    #[arg(long, value_name = "NAME")]
    pub user: Option<String>,
    /// How to sign in; the platform's usual way if it is not said
    #[arg(long, value_name = "METHOD", value_enum)]
    pub method: Option<Way>,
    /// Whose certificates are taken.
    #[command(flatten)]
    pub trust: TrustOptions,
    /// The tenant to act for (Catalyst Manager, Apprenda)
    #[arg(long, value_name = "TENANT")]
    pub tenant: Option<String>,
    /// The portal to enter (Apprenda)
    #[arg(long, value_name = "PORTAL", value_enum)]
    pub portal: Option<Door>,
    /// Where the secret comes from.
    #[command(flatten)]
    pub source: SecretSource,
    /// The application that tokens are asked for as (OAuth 2.0)
    #[arg(long, value_name = "CLIENT_ID")]
    pub client_id: Option<String>,
    /// The secret of the application, in this file (one line)
    #[arg(long, value_name = "FILE", requires = "client_id")]
    pub client_secret_file: Option<PathBuf>,
}

impl Entry {
    /// The application that tokens are asked for as, if one is named.
    pub fn application(&self) -> Outcome<Option<Application>> {
        let secret = self.client_secret_file.as_deref();
        let secret = secret.map(|path| from_file(path, "secret of the application")).transpose()?;
        Ok(self.client_id.clone().map(|id| Application { id, secret }))
    }
}
