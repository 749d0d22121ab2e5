//! `portcullis application`.

use clap::{Args, Subcommand, ValueEnum};

use super::shell::Shell;
use crate::control::{NewApplication, Request};
use crate::exit::Outcome;

/// Creates, lists and deletes applications.
#[derive(Debug, Args)]
#[command(
    arg_required_else_help = true,
    after_help = "Takes effect at once in a running gateway; without one it changes the data\ndirectory itself. The \
                  secret of a confidential application is shown once,\nwhen it is created.\n\n\
                  Examples:\n  \
                  portcullis application create portal --organization Default \\\n      \
                  --redirect-uri https://portal.example.com/callback -o json\n  \
                  portcullis application create cli --organization Default --type public --allow device\n  \
                  portcullis application delete portal"
)]
pub struct Application {
    #[command(flatten)]
    shell: Shell,
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Make an application and print its client id and its secret
    Create(Box<Create>),
    /// List applications
    List,
    /// Delete an application with its tokens
    Delete(Delete),
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
                        portcullis application create portal --organization Default \\\n      \
                        --redirect-uri https://portal.example.com/callback\n  \
                        portcullis application create cli --organization Default --type public --allow device\n  \
                        portcullis application create robot --organization Default \\\n      \
                        --allow client-credentials --user alice")]
struct Create {
    /// Its name
    #[arg(value_name = "NAME")]
    name: String,
    /// The organization it belongs to: name or number
    #[arg(long, value_name = "ORGANIZATION")]
    organization: String,
    /// Whether it can keep a secret
    #[arg(long = "type", value_name = "TYPE", value_enum, default_value_t)]
    client_type: ClientType,
    /// How it gets tokens
    #[arg(long, value_name = "GRANT", value_enum, default_value_t)]
    grant: Grant,
    /// Where answers may be sent; may be repeated
    #[arg(long = "redirect-uri", value_name = "URI")]
    redirect_uris: Vec<String>,
    /// Do not ask users for consent
    #[arg(long)]
    skip_authorization: bool,
    /// The user that owns it and the tokens that are made for it
    #[arg(long, value_name = "NAME")]
    user: Option<String>,
    /// What it is for
    #[arg(long, value_name = "TEXT")]
    description: Option<String>,
    /// What it may do beside its grant; may be repeated
    #[arg(long = "allow", value_name = "WHAT", value_enum)]
    allows: Vec<Allowance>,
    /// Whether a code needs a proof that the application itself asked for it (RFC 7636); if not said, public
    /// applications need one
    #[arg(long, value_name = "WHETHER", value_enum)]
    pkce: Option<Pkce>,
}

#[derive(Debug, Args)]
struct Delete {
    /// Its client id, its number or its name
    #[arg(value_name = "APPLICATION")]
    which: String,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum ClientType {
    /// It runs where nobody reads its secret, such as on a server
    #[default]
    Confidential,
    /// It cannot keep a secret: a browser, a phone, a command line
    Public,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum Grant {
    /// By a code that a browser brings
    #[default]
    AuthorizationCode,
    /// By the user's name and password
    Password,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Allowance {
    /// Tokens for its owner, by its own secret
    ClientCredentials,
    /// Tokens through a browser on another device
    Device,
    /// Questions about tokens that are not its own
    Introspection,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Pkce {
    /// Codes without the proof are refused
    Required,
    /// The proof is checked where it is given
    Optional,
}

impl From<Create> for NewApplication {
    fn from(it: Create) -> Self {
        Self {
            name: it.name,
            organization: it.organization,
            description: it.description,
            is_public: it.client_type == ClientType::Public,
            uses_password: it.grant == Grant::Password,
            redirect_uris: it.redirect_uris,
            skip_authorization: it.skip_authorization,
            user: it.user,
            allows_client_credentials: it.allows.contains(&Allowance::ClientCredentials),
            allows_device: it.allows.contains(&Allowance::Device),
            allows_introspection: it.allows.contains(&Allowance::Introspection),
            requires_pkce: it.pkce.map(|it| it == Pkce::Required),
        }
    }
}

impl Application {
    /// Runs the command.
    pub fn run(self) -> Outcome {
        self.shell.run(match self.action {
            Action::Create(it) => Request::ApplicationCreate((*it).into()),
            Action::List => Request::ApplicationList,
            Action::Delete(Delete { which }) => Request::ApplicationDelete { which },
        })
    }
}
