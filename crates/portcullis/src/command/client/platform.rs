//! The words of the command line for what dialects, methods and portals are called below.

use std::path::PathBuf;

use clap::ValueEnum;
use dialects::{Dialect, Method};
use identity::model::portal::Portal;

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
