//! Filters: the terms of a query as conditions.
//!
//! Terms on the same path share one row at its end, as one join would. A negated, a chained and an `or`
//! term looks for its own row. A negated term also holds where the compared value is null.

use identity::model::catalog::{self, Relation};
use identity::model::object::Noun;
use identity::model::query::{Comparison, Lookup, Query, Term, TokenSort, Value, Within};

use crate::sight::Eyes;
use crate::statement::Statement;
use crate::{columns, compare, objects, relations};

/// The name of the listed table.
pub(crate) const ROOT: &str = "o";

/// Adds the `WHERE` of a query on this kind.
pub(crate) fn conditions(noun: Noun, query: &Query, eyes: &Eyes, to: &mut Statement) {
    visible(noun, eyes, to);
    if let Some(parent) = query.within {
        to.push(" AND ");
        within(parent, to);
    }
    let mut tree = Node { relation: None, noun, comparisons: Vec::new(), children: Vec::new() };
    for term in &query.all {
        if is_shared(term) {
            tree.insert(&term.path, &term.comparison);
        } else {
            to.push(" AND ");
            alone(noun, term, eyes, to);
        }
    }
    tree.write(ROOT, eyes, to);
    if !query.any.is_empty() {
        to.push(" AND (FALSE");
        for term in &query.any {
            to.push(" OR ");
            alone(noun, term, eyes, to);
        }
        to.push(")");
    }
}

/// Adds the beginning of a `WHERE`: what may be seen at all.
pub(crate) fn visible(noun: Noun, eyes: &Eyes, to: &mut Statement) {
    to.push(" WHERE ");
    if noun == Noun::User {
        // The system's own user is shown to nobody.
        to.push("o.username <> '_system' AND ");
    }
    eyes.condition(noun, ROOT, to);
}

fn is_shared(term: &Term) -> bool {
    !term.is_negated && !term.is_chained && !is_about_nothing(&term.comparison)
}

/// Whether the absence of an object satisfies a comparison.
fn is_about_nothing(comparison: &Comparison) -> bool {
    match comparison {
        Comparison::Field { lookup: Lookup::IsNull, value, .. } => *value == Value::Boolean(true),
        Comparison::Field { lookup: Lookup::Exact | Lookup::IExact, value, .. } => *value == Value::Null,
        Comparison::Field { .. } | Comparison::Search(_) => false,
        Comparison::Missing(_) => true,
    }
}

/// A row of a kind, by the name of its table in the statement.
#[derive(Clone, Copy)]
struct Row<'a> {
    noun: Noun,
    alias: &'a str,
}

/// One step of the paths that shared terms take.
struct Node<'a> {
    relation: Option<&'static Relation>,
    noun: Noun,
    comparisons: Vec<&'a Comparison>,
    children: Vec<Node<'a>>,
}

impl<'a> Node<'a> {
    fn insert(&mut self, path: &[&'static Relation], comparison: &'a Comparison) {
        let Some((first, rest)) = path.split_first() else {
            self.comparisons.push(comparison);
            return;
        };
        let known = self.children.iter().position(|it| it.relation == Some(*first));
        let place = known.unwrap_or_else(|| {
            let relation = Some(*first);
            let child = Node { relation, noun: first.to, comparisons: Vec::new(), children: Vec::new() };
            self.children.push(child);
            self.children.len() - 1
        });
        self.children[place].insert(rest, comparison);
    }

    /// Adds ` AND …` for all that is asked of the row called `alias`.
    fn write(&self, alias: &str, eyes: &Eyes, to: &mut Statement) {
        for comparison in &self.comparisons {
            to.push(" AND ");
            compare_row(Row { noun: self.noun, alias }, comparison, to);
        }
        for child in &self.children {
            let Some(relation) = child.relation else { continue };
            to.push(" AND ");
            exists(relation, alias, eyes, to, |alias, to| child.write(alias, eyes, to));
        }
    }
}

/// Adds the condition that there is a visible row at the end of a relation for which the rest holds.
fn exists(
    relation: &Relation,
    from: &str,
    eyes: &Eyes,
    to: &mut Statement,
    rest: impl FnOnce(&str, &mut Statement),
) {
    let alias = to.alias();
    let (Some((table, _)), Some(condition)) =
        (objects::table(relation.to), relations::condition(relation, from, &alias))
    else {
        to.push("FALSE");
        return;
    };
    to.push("EXISTS (SELECT 1 FROM ").push(table).push(" ").push(&alias).push(" WHERE ").push(&condition);
    to.push(" AND ");
    eyes.condition(relation.to, &alias, to);
    rest(&alias, to);
    to.push(")");
}

/// Adds the condition of a term that shares nothing with its neighbours.
fn alone(noun: Noun, term: &Term, eyes: &Eyes, to: &mut Statement) {
    let root = Row { noun, alias: ROOT };
    to.push(if term.is_negated { "((" } else { "(" });
    match &term.comparison {
        Comparison::Missing(is_missing) if term.path.is_empty() => {
            to.push(if *is_missing { "FALSE" } else { "TRUE" });
        }
        Comparison::Missing(is_missing) => {
            to.push(if *is_missing { "NOT " } else { "" });
            along(root, &term.path, None, eyes, to);
        }
        comparison if is_about_nothing(comparison) && !term.path.is_empty() => {
            to.push("NOT ");
            along(root, &term.path, None, eyes, to);
            to.push(" OR ");
            along(root, &term.path, Some(comparison), eyes, to);
        }
        comparison => along(root, &term.path, Some(comparison), eyes, to),
    }
    to.push(if term.is_negated { ") IS NOT TRUE)" } else { ")" });
}

/// Adds the condition that a comparison holds at the end of a path, or that something is there at all.
fn along(
    row: Row<'_>,
    path: &[&'static Relation],
    comparison: Option<&Comparison>,
    eyes: &Eyes,
    to: &mut Statement,
) {
    match (path.split_first(), comparison) {
        (None, Some(comparison)) => compare_row(row, comparison, to),
        (None, None) => {
            to.push("TRUE");
        }
        (Some((relation, rest)), _) => exists(relation, row.alias, eyes, to, |alias, to| {
            to.push(" AND ");
            along(Row { noun: relation.to, alias }, rest, comparison, eyes, to);
        }),
    }
}

/// Adds the comparison of a row's own field.
fn compare_row(row: Row<'_>, comparison: &Comparison, to: &mut Statement) {
    let Row { noun, alias } = row;
    match comparison {
        Comparison::Field { field, lookup, value } => match columns::expression(noun, field.name, alias) {
            Some(expression) => compare::field(&expression, field.kind, *lookup, value, to),
            None => {
                to.push("FALSE");
            }
        },
        Comparison::Missing(is_missing) => {
            to.push(if *is_missing { "FALSE" } else { "TRUE" });
        }
        Comparison::Search(words) => {
            let fields = columns::searched(noun, alias);
            to.push("(TRUE");
            for word in words {
                to.push(" AND (FALSE");
                for field in &fields {
                    to.push(" OR ");
                    compare::text(field, Lookup::IContains, word, to);
                }
                to.push(")");
            }
            to.push(")");
        }
    }
}

fn within(parent: Within, to: &mut Statement) {
    match parent {
        Within::Holding(role, object) => {
            to.push("o.id IN (SELECT user_id FROM user_assignments WHERE role_id = ").integer(role.id().0);
            to.push(" AND object_id = ").integer(object).push(")");
        }
        Within::OrganizationsOf(user) => {
            to.push("o.id IN (SELECT organization_id FROM user_assignments WHERE role_id IN (4, 5)");
            to.push(" AND user_id = ").integer(user.0).push(")");
        }
        Within::AdministeredBy(user) => {
            to.push("o.id IN (SELECT organization_id FROM user_assignments WHERE role_id = 4");
            to.push(" AND user_id = ").integer(user.0).push(")");
        }
        Within::TeamsOf(user) => {
            to.push("o.id IN (SELECT team_id FROM user_assignments WHERE role_id IN (2, 3)");
            to.push(" AND user_id = ").integer(user.0).push(")");
        }
        Within::TeamsIn(organization) | Within::ApplicationsIn(organization) => {
            to.push("o.organization_id = ").integer(organization);
        }
        Within::ApplicationsOf(user) => {
            to.push("o.user_id = ").integer(user.0);
        }
        Within::EntriesOf(noun, id) => entries_of(noun, id, to),
        Within::TokensOf(user, sort) => {
            to.push("o.user_id = ").integer(user.0);
            to.push(match sort {
                TokenSort::All => "",
                TokenSort::Personal => " AND o.application_id IS NULL",
                TokenSort::Authorized => " AND o.application_id IS NOT NULL",
            });
        }
        Within::TokensFor(application) => {
            to.push("o.application_id = ").integer(application);
        }
        Within::AssignmentsOf(role) => {
            to.push("o.role_id = ").integer(role);
        }
        Within::AuthenticatorsOf(user) => {
            to.push("o.id IN (SELECT authenticator_id FROM user_sources WHERE user_id = ");
            to.integer(user.0).push(")");
        }
        Within::UsersFrom(authenticator) => {
            to.push("o.id IN (SELECT user_id FROM user_sources WHERE authenticator_id = ");
            to.integer(authenticator).push(")");
        }
        Within::AppUrls => {
            to.push("o.app_url IS NOT NULL");
        }
    }
}

/// Adds the condition that an entry tells of an object, on either side; of a user also that it was the user's
/// doing.
fn entries_of(noun: Noun, id: i64, to: &mut Statement) {
    let number = catalog::content_type(noun);
    to.push("((o.noun = ").integer(number).push(" AND o.object_id = ").text(id.to_string());
    to.push(") OR (o.related_noun = ").integer(number).push(" AND o.related_id = ").text(id.to_string());
    to.push(")");
    if noun == Noun::User {
        to.push(" OR o.created_by = ").integer(id);
    }
    to.push(")");
}
