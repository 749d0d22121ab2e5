//! Where the relations of the catalog lead: the condition under which a row of one table belongs to a row
//! of another. Membership is what is given directly; roles that come through teams do not count here.

use identity::model::catalog::Relation;
use identity::model::object::Noun;

/// The condition that row `to` is at the end of a relation that begins at row `from`; none if the relation
/// is unknown.
pub(crate) fn condition(relation: &Relation, from: &str, to: &str) -> Option<String> {
    let (object, role) = match (relation.from, relation.name) {
        (Noun::User, "organizations") => return Some(held(from, to, "organization_id", 5)),
        (Noun::User, "teams") => return Some(held(from, to, "team_id", 2)),
        (Noun::User, "tokens" | "role_assignments") => return Some(format!("{to}.user_id = {from}.id")),
        (Noun::Organization, "teams" | "applications") => {
            return Some(format!("{to}.organization_id = {from}.id"));
        }
        (Noun::Organization, "users") => ("organization_id", 5),
        (Noun::Organization, "admins") => ("organization_id", 4),
        (Noun::Team, "users") => ("team_id", 2),
        (Noun::Team, "admins") => ("team_id", 3),
        (Noun::Application, "access_tokens") => return Some(format!("{to}.application_id = {from}.id")),
        (noun, name) => {
            let column = match (noun, name) {
                (_, "created_by") => "created_by",
                (_, "modified_by") => "modified_by",
                (_, "last_login_from") => "last_login_from",
                (_, "organization") => "organization_id",
                (_, "user") => "user_id",
                (_, "application") => "application_id",
                (_, "role_definition") => "role_id",
                (Noun::TeamAssignment, "team") => "holder_id",
                _ => return None,
            };
            return Some(format!("{to}.id = {from}.{column}"));
        }
    };
    Some(format!(
        "{to}.id IN (SELECT user_id FROM user_assignments WHERE {object} = {from}.id AND role_id = {role})"
    ))
}

fn held(from: &str, to: &str, object: &str, role: i64) -> String {
    format!(
        "{to}.id IN (SELECT {object} FROM user_assignments WHERE user_id = {from}.id AND role_id = {role})"
    )
}
