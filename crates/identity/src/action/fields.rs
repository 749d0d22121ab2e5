//! Fields: the asked-for state of an object. What is `None` was not said: it gets its default when the
//! object is made and stays as it is when the object is changed.

use crate::model::application::{Allowances, ClientType, GrantType};
use crate::model::object::Noun;
use crate::model::scope::Scope;
use crate::model::secret::Secret;

/// The asked-for state of an object of any kind that can be written.
#[derive(Clone, Debug)]
pub enum Fields {
    /// A user's.
    User(UserFields),
    /// An organization's.
    Organization(OrganizationFields),
    /// A team's.
    Team(TeamFields),
    /// A token's.
    Token(TokenFields),
    /// An application's.
    Application(ApplicationFields),
    /// A role given to a user.
    UserAssignment(AssignmentFields),
    /// A role given to a team.
    TeamAssignment(AssignmentFields),
}

impl Fields {
    /// The kind that these fields belong to.
    pub fn noun(&self) -> Noun {
        match self {
            Self::User(_) => Noun::User,
            Self::Organization(_) => Noun::Organization,
            Self::Team(_) => Noun::Team,
            Self::Token(_) => Noun::Token,
            Self::Application(_) => Noun::Application,
            Self::UserAssignment(_) => Noun::UserAssignment,
            Self::TeamAssignment(_) => Noun::TeamAssignment,
        }
    }
}

/// A user's asked-for state.
#[derive(Clone, Debug, Default)]
pub struct UserFields {
    /// The name.
    pub username: Option<String>,
    /// The e-mail address.
    pub email: Option<String>,
    /// The first name.
    pub first_name: Option<String>,
    /// The last name.
    pub last_name: Option<String>,
    /// The password.
    pub password: Option<Secret>,
    /// Whether it administers everything.
    pub is_superuser: Option<bool>,
    /// Whether it reads everything.
    pub is_auditor: Option<bool>,
    /// Whether it may sign in.
    pub is_enabled: Option<bool>,
}

/// An organization's asked-for state.
#[derive(Clone, Debug, Default)]
pub struct OrganizationFields {
    /// The name.
    pub name: Option<String>,
    /// Free text.
    pub description: Option<String>,
}

/// A team's asked-for state.
#[derive(Clone, Debug, Default)]
pub struct TeamFields {
    /// The name.
    pub name: Option<String>,
    /// The organization's number.
    pub organization: Option<i64>,
    /// Free text.
    pub description: Option<String>,
}

/// A token's asked-for state. Its user is always the principal (or the owner of its application).
#[derive(Clone, Debug, Default)]
pub struct TokenFields {
    /// The application's number; `Some(None)` is a personal token.
    pub application: Option<Option<i64>>,
    /// Free text.
    pub description: Option<String>,
    /// How far it reaches.
    pub scope: Option<Scope>,
}

/// An application's asked-for state.
#[derive(Clone, Debug, Default)]
pub struct ApplicationFields {
    /// The name.
    pub name: Option<String>,
    /// Free text.
    pub description: Option<String>,
    /// Whether it can keep a secret.
    pub client_type: Option<ClientType>,
    /// How it gets tokens; cannot be changed later.
    pub grant_type: Option<GrantType>,
    /// Where answers may be sent.
    pub redirect_uris: Option<String>,
    /// Where a browser may be sent after signing out.
    pub post_logout_redirect_uris: Option<String>,
    /// How identity tokens are signed.
    pub algorithm: Option<String>,
    /// Whether the user is not asked for consent.
    pub skip_authorization: Option<bool>,
    /// What it may do beside its grant type.
    pub allowances: Option<Allowances>,
    /// Whether it must prove that it began what it ends.
    pub requires_pkce: Option<bool>,
    /// Where a person finds it; `Some(None)` is nowhere.
    pub app_url: Option<Option<String>>,
    /// The organization's number.
    pub organization: Option<i64>,
    /// The owner's number; `Some(None)` is nobody.
    pub user: Option<Option<i64>>,
}

/// A role to be given.
#[derive(Clone, Debug, Default)]
pub struct AssignmentFields {
    /// The role's number.
    pub role: Option<i64>,
    /// The number of the user or team.
    pub holder: Option<i64>,
    /// Instead of its number, its stable name.
    pub holder_stable_id: Option<String>,
    /// The object's number.
    pub object_id: Option<i64>,
    /// Instead of its number, its stable name.
    pub object_stable_id: Option<String>,
}
