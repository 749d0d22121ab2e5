//! Paths of filters: from the listed kind over relations to a field.

use identity::model::catalog::{self, Field, Kind, Relation};
use identity::model::object::Noun;
use identity::model::query::{Lookup, PATH_MAX};

use super::{FilterError, Lexicon, Name};

/// What a path leads to.
#[derive(Debug)]
pub(super) struct Found {
    /// The relations on the way.
    pub relations: Vec<&'static Relation>,
    /// The field at its end, if it is one of the kind's own.
    pub field: Option<&'static Field>,
    /// The relation at its end, if it is one. A path to many has its relation also in `relations`, and the
    /// related object's number as its field.
    pub relation: Option<&'static Relation>,
    /// What the contract means by the last name, if it speaks otherwise than the catalog.
    pub name: Option<&'static Name>,
}

/// Takes the lookup off the end of a name.
pub(super) fn split(name: &str) -> Result<(&str, Lookup), FilterError> {
    let (steps, lookup) = match name.rsplit_once("__") {
        Some((steps, word)) => match lookup_of(word) {
            Some(lookup) => (steps, lookup),
            None => (name, Lookup::Exact),
        },
        None => (name, Lookup::Exact),
    };
    if steps.is_empty() {
        return Err(FilterError::wrong("Query string field name not provided."));
    }
    Ok((steps, lookup))
}

fn lookup_of(word: &str) -> Option<Lookup> {
    Some(match word {
        "exact" => Lookup::Exact,
        "iexact" => Lookup::IExact,
        "contains" => Lookup::Contains,
        "icontains" => Lookup::IContains,
        "startswith" => Lookup::StartsWith,
        "istartswith" => Lookup::IStartsWith,
        "endswith" => Lookup::EndsWith,
        "iendswith" => Lookup::IEndsWith,
        "regex" => Lookup::Regex,
        "iregex" => Lookup::IRegex,
        "gt" => Lookup::Gt,
        "gte" => Lookup::Gte,
        "lt" => Lookup::Lt,
        "lte" => Lookup::Lte,
        "in" => Lookup::In,
        "isnull" => Lookup::IsNull,
        _ => return None,
    })
}

/// Walks a path from a kind.
pub(super) fn walk(lexicon: &'static Lexicon, noun: Noun, steps: &str) -> Result<Found, FilterError> {
    let mut here = Some(noun);
    let mut walked: Vec<&'static Relation> = Vec::new();
    let mut found = Found { relations: Vec::new(), field: None, relation: None, name: None };
    for name in steps.split("__") {
        let Some(noun) = here else {
            return Err(FilterError::wrong(format!("No related model for field {name}.")));
        };
        let entry = catalog::entry(noun);
        let name = if name == "pk" { "id" } else { name };
        found.name = lexicon.name(noun, name);
        let meant = found.name.map_or(name, |it| it.field);
        let (field, relation) = (entry.field(meant), entry.relation(meant));
        if field.is_some_and(|field| field.kind == Kind::Secret) {
            return Err(FilterError::Secret(name.to_owned()));
        }
        if field.is_none() && relation.is_none() {
            return Err(FilterError::wrong(format!("{} has no field named '{name}'", lexicon.model(noun))));
        }
        if let Some(relation) = relation {
            if walked.iter().any(|it| it.from == relation.from && it.name == relation.name) {
                let text = format!("Loops not allowed in filters, detected on field {name}.");
                return Err(FilterError::Wrong(text));
            }
            walked.push(relation);
        }
        here = relation.map(|relation| relation.to);
        found.field = field;
        found.relation = relation;
    }
    // The last relation to one is a field of its own: its number is compared without a step.
    let is_own = found.field.is_some() && found.relation.is_some();
    found.relations = walked;
    if is_own {
        found.relations.pop();
    }
    if found.field.is_none() {
        found.field = found.relation.and_then(|relation| catalog::entry(relation.to).field("id"));
    }
    if found.relations.len() > PATH_MAX {
        return Err(FilterError::wrong("The path of a filter is too long."));
    }
    Ok(found)
}
