//! Unique names: whether one is free, for dry runs, and which object has it already.

use crate::action::write::{Written, duplicate};
use crate::authority::Authority;
use crate::denial::Refusal;
use crate::model::catalog;
use crate::model::object::{Noun, Object};
use crate::model::query::{Comparison, Lookup, PageRequest, Query, Sight, Term, Value};

impl Authority {
    /// Refuses an object whose unique name another one has, as the store would.
    pub(super) async fn check_free(&self, object: &Object) -> Result<(), Refusal> {
        match self.twin(object).await? {
            Some((twin, _)) if twin.id() != object.id() => match object.noun() {
                // A role that is given twice is given once.
                Noun::UserAssignment | Noun::TeamAssignment => Ok(()),
                noun => Err(duplicate(noun)),
            },
            _ => Ok(()),
        }
    }

    /// The assignment that exists already, as if it had just been made; a duplicate of anything else is
    /// refused.
    pub(super) async fn existing_or_duplicate(&self, object: Object) -> Result<Written, Refusal> {
        let noun = object.noun();
        if !matches!(noun, Noun::UserAssignment | Noun::TeamAssignment) {
            return Err(duplicate(noun));
        }
        let (object, references) = self.twin(&object).await?.ok_or_else(|| duplicate(noun))?;
        Ok(Written { object, references, token: None, refresh_token: None, client_secret: None })
    }

    async fn twin(&self, object: &Object) -> Result<Option<(Object, crate::port::References)>, Refusal> {
        let text = |text: &str| Value::Text(text.to_owned());
        let object_id = |id: Option<i64>| id.map_or(Value::Null, |id| Value::Text(id.to_string()));
        let wanted = match object {
            Object::User(it) => vec![("username", text(&it.username))],
            Object::Organization(it) => vec![("name", text(&it.name))],
            Object::Team(it) => {
                vec![("name", text(&it.name)), ("organization", Value::Integer(it.organization.0))]
            }
            Object::Application(it) => {
                vec![("name", text(&it.name)), ("organization", Value::Integer(it.organization.0))]
            }
            Object::UserAssignment(it) => vec![
                ("role_definition", Value::Integer(it.role.id().0)),
                ("user", Value::Integer(it.user.0)),
                ("object_id", object_id(it.object_id)),
            ],
            Object::TeamAssignment(it) => vec![
                ("role_definition", Value::Integer(it.role.id().0)),
                ("team", Value::Integer(it.team.0)),
                ("object_id", object_id(it.object_id)),
            ],
            Object::Token(_) | Object::Authenticator(_) | Object::RoleDefinition(_) | Object::Entry(_) => {
                return Ok(None);
            }
        };
        let noun = object.noun();
        let all = wanted.into_iter().filter_map(|(name, value)| {
            let field = catalog::entry(noun).field(name)?;
            let comparison = Comparison::Field { field, lookup: Lookup::Exact, value };
            Some(Term { is_negated: false, path: Vec::new(), is_chained: false, comparison })
        });
        let page = PageRequest { number: 1, size: 1 };
        let query = Query { all: all.collect(), page, is_count_disabled: true, ..Query::default() };
        let page = self.store.list(noun, &query, Sight::All).await?;
        Ok(page.and_then(|mut page| page.objects.pop().map(|object| (object, page.references))))
    }
}
