//! Filters: every field, lookup and relation runs, and the ones with a catch mean what they say.

use identity::model::catalog::{self, Kind};
use identity::model::object::Noun;
use identity::model::query::{Comparison, Lookup, Query, Sight, Term, Value};
use identity::model::role::ManagedRole;

use super::{Bench, bench, everything, organization, user};

pub(crate) const NOUNS: [Noun; 10] = [
    Noun::User,
    Noun::Organization,
    Noun::Team,
    Noun::Token,
    Noun::Application,
    Noun::Authenticator,
    Noun::RoleDefinition,
    Noun::UserAssignment,
    Noun::TeamAssignment,
    Noun::Entry,
];

const LOOKUPS: [Lookup; 16] = [
    Lookup::Exact,
    Lookup::IExact,
    Lookup::Contains,
    Lookup::IContains,
    Lookup::StartsWith,
    Lookup::IStartsWith,
    Lookup::EndsWith,
    Lookup::IEndsWith,
    Lookup::Regex,
    Lookup::IRegex,
    Lookup::Gt,
    Lookup::Gte,
    Lookup::Lt,
    Lookup::Lte,
    Lookup::In,
    Lookup::IsNull,
];

fn value(kind: Kind, lookup: Lookup) -> Value {
    let one = match kind {
        Kind::Text | Kind::Secret => Value::Text("a".to_owned()),
        Kind::Integer => Value::Integer(1),
        Kind::Boolean => Value::Boolean(true),
        Kind::Instant => Value::Instant(1_700_000_000_000_000),
    };
    match lookup {
        Lookup::In => Value::List(vec![one, Value::Null]),
        Lookup::IsNull => Value::Boolean(true),
        _ => one,
    }
}

/// A term on the field at the end of a path, written as a filter is: `teams__name`.
fn term(noun: Noun, path: &str, lookup: Lookup, value: Value) -> Term {
    let mut noun = noun;
    let mut steps = Vec::new();
    let mut names: Vec<&str> = path.split("__").collect();
    let field = names.pop().unwrap();
    for name in names {
        let relation = catalog::entry(noun).relation(name).unwrap();
        steps.push(relation);
        noun = relation.to;
    }
    let field = catalog::entry(noun).field(field).unwrap();
    let comparison = Comparison::Field { field, lookup, value };
    Term { is_negated: false, path: steps, is_chained: false, comparison }
}

fn text(value: &str) -> Value {
    Value::Text(value.to_owned())
}

fn not(mut term: Term) -> Term {
    term.is_negated = true;
    term
}

fn all(terms: impl IntoIterator<Item = Term>) -> Query {
    Query { all: terms.into_iter().collect(), ..everything() }
}

async fn users(bench: &Bench, terms: impl IntoIterator<Item = Term>) -> Vec<i64> {
    bench.ids(Noun::User, &all(terms), Sight::All).await
}

#[tokio::test]
async fn case_208_every_field_and_lookup_runs() {
    let bench = bench().await;
    let anna = bench.user("anna").await;
    for noun in NOUNS {
        for field in catalog::entry(noun).fields {
            for is_negated in [false, true] {
                let terms = LOOKUPS.map(|lookup| {
                    let comparison = Comparison::Field { field, lookup, value: value(field.kind, lookup) };
                    Term { is_negated, path: Vec::new(), is_chained: false, comparison }
                });
                for sight in [Sight::All, Sight::Of(anna.id)] {
                    bench.page(noun, &all(terms.clone()), sight).await;
                }
                let any = Query { any: terms.to_vec(), ..everything() };
                bench.page(noun, &any, Sight::OfWithAllUsers(anna.id)).await;
            }
        }
        let search = Comparison::Search(vec!["a".to_owned(), "é".to_owned()]);
        let search = Term { is_negated: false, path: Vec::new(), is_chained: false, comparison: search };
        bench.page(noun, &all([search]), Sight::All).await;
    }
}

#[tokio::test]
async fn case_208_every_relation_runs_two_deep() {
    let bench = bench().await;
    let anna = bench.user("anna").await;
    for noun in NOUNS {
        for first in catalog::entry(noun).relations {
            let mut paths = vec![vec![first]];
            paths.extend(catalog::entry(first.to).relations.iter().map(|second| vec![first, second]));
            for path in paths {
                let end = path.last().unwrap().to;
                let mut terms = Vec::new();
                for field in catalog::entry(end).fields {
                    let exact = Comparison::Field { field, lookup: Lookup::Exact, value: Value::Null };
                    terms.push(exact);
                    let value = value(field.kind, Lookup::Gte);
                    terms.push(Comparison::Field { field, lookup: Lookup::Gte, value });
                }
                terms.push(Comparison::Missing(true));
                terms.push(Comparison::Missing(false));
                terms.push(Comparison::Search(vec!["a".to_owned()]));
                let term = |comparison: &Comparison, is_negated, is_chained| Term {
                    is_negated,
                    path: path.clone(),
                    is_chained,
                    comparison: comparison.clone(),
                };
                let shared = all(terms.iter().map(|it| term(it, false, false)));
                let chained = all(terms.iter().map(|it| term(it, true, true)));
                bench.page(noun, &shared, Sight::Of(anna.id)).await;
                bench.page(noun, &chained, Sight::All).await;
            }
        }
    }
}

#[tokio::test]
async fn case_208_values_are_never_part_of_the_text() {
    let bench = bench().await;
    let anna = bench.user("anna").await.id.0;
    for nasty in ["' OR 1=1 --", "%", "_", "\\", "a' UNION SELECT 1 --", "\"", "$1", "]", "\u{0}"] {
        for lookup in [Lookup::Exact, Lookup::IExact, Lookup::Contains, Lookup::IContains, Lookup::IEndsWith]
        {
            assert!(users(&bench, [term(Noun::User, "username", lookup, text(nasty))]).await.is_empty());
        }
        let list = Value::List(vec![text(nasty), text("anna")]);
        assert_eq!(users(&bench, [term(Noun::User, "username", Lookup::In, list)]).await, [anna]);
    }
    let secret = term(Noun::User, "password", Lookup::StartsWith, text("hash"));
    assert!(users(&bench, [secret]).await.is_empty());
}

#[tokio::test]
async fn case_210_patterns_take_linear_time() {
    let bench = bench().await;
    let mut it = user("anna");
    it.first_name = "a".repeat(100_000);
    bench.create(identity::model::object::Object::User(it)).await;
    let cruel = term(Noun::User, "first_name", Lookup::Regex, text("^(a+)+$b"));
    assert!(users(&bench, [cruel]).await.is_empty());
    let fitting = term(Noun::User, "username", Lookup::Regex, text("^an{2}a$"));
    assert_eq!(users(&bench, [fitting]).await.len(), 1);
    let folded = term(Noun::User, "username", Lookup::IRegex, text("^ANN"));
    assert_eq!(users(&bench, [folded]).await.len(), 1);
}

#[tokio::test]
async fn case_212_the_longest_lists_and_largest_numbers_run() {
    let bench = bench().await;
    let anna = bench.user("anna").await.id.0;
    let numbers: Vec<Value> = (0..1000).map(Value::Integer).collect();
    let terms = (0..64).map(|_| term(Noun::User, "id", Lookup::In, Value::List(numbers.clone())));
    assert_eq!(users(&bench, terms).await, [anna]);
    let largest = term(Noun::User, "id", Lookup::Lte, Value::Integer(i64::MAX));
    assert_eq!(users(&bench, [largest]).await, [anna]);
    let mut query = everything();
    query.page.size = u64::MAX;
    assert_eq!(bench.ids(Noun::User, &query, Sight::All).await, [anna]);
}

#[tokio::test]
async fn case_matters_only_without_an_i() {
    let bench = bench().await;
    let mut it = organization("Grüße_100%");
    it.description = "ÄPFEL und Birnen".to_owned();
    bench.create(identity::model::object::Object::Organization(it)).await;
    let find = async |field: &str, lookup, value: &str| {
        let term = term(Noun::Organization, field, lookup, text(value));
        bench.ids(Noun::Organization, &all([term]), Sight::All).await.contains(&2)
    };
    assert!(find("name", Lookup::StartsWith, "Grüße").await);
    assert!(!find("name", Lookup::StartsWith, "grüße").await);
    assert!(find("name", Lookup::IStartsWith, "grüße").await);
    assert!(find("name", Lookup::EndsWith, "_100%").await);
    assert!(!find("name", Lookup::EndsWith, "x100%").await);
    assert!(!find("name", Lookup::IEndsWith, "x100%").await);
    assert!(find("name", Lookup::IContains, "E_1").await);
    assert!(!find("name", Lookup::Contains, "E_1").await);
    assert!(find("description", Lookup::IContains, "äpfel UND").await);
    assert!(find("description", Lookup::IExact, "äpfel und birnen").await);
    assert!(!find("description", Lookup::IExact, "äpfel").await);
    assert!(find("description", Lookup::Contains, "").await);
}

#[tokio::test]
async fn negation_includes_what_is_null() {
    let bench = bench().await;
    let (anna, bert) = (bench.user("anna").await.id, bench.user("bert").await.id);
    bench.session("one", anna).await;
    let seen = term(Noun::User, "last_login_from", Lookup::Exact, Value::Integer(1));
    assert_eq!(users(&bench, [seen.clone()]).await, [anna.0]);
    assert_eq!(users(&bench, [not(seen)]).await, [bert.0]);
    let null = term(Noun::User, "last_login_from", Lookup::Exact, Value::Null);
    assert_eq!(users(&bench, [null.clone()]).await, [bert.0]);
    assert_eq!(users(&bench, [not(null)]).await, [anna.0]);
    let by_name = term(Noun::User, "last_login_from__slug", Lookup::Exact, text("local"));
    assert_eq!(users(&bench, [by_name.clone()]).await, [anna.0]);
    assert_eq!(users(&bench, [not(by_name)]).await, [bert.0]);
    let flag = term(Noun::User, "is_platform_auditor", Lookup::Exact, Value::Boolean(false));
    assert_eq!(users(&bench, [flag]).await, [anna.0, bert.0]);
    let object = term(Noun::UserAssignment, "object_id", Lookup::IsNull, Value::Boolean(true));
    bench.give(ManagedRole::PlatformAuditor, anna, None).await;
    bench.give(ManagedRole::OrganizationMember, anna, Some(1)).await;
    assert_eq!(bench.ids(Noun::UserAssignment, &all([object]), Sight::All).await, [1]);
}

#[tokio::test]
async fn terms_on_one_path_share_an_object_unless_chained() {
    let bench = bench().await;
    let red = bench.organization("Red").await;
    let (ops, dev) = (bench.team("ops", red.id).await, bench.team("dev", red.id).await);
    let (anna, bert) = (bench.user("anna").await.id, bench.user("bert").await.id);
    bench.give(ManagedRole::TeamMember, anna, Some(ops.id.0)).await;
    bench.give(ManagedRole::TeamMember, anna, Some(dev.id.0)).await;
    let both = |is_chained| {
        let mut second = term(Noun::User, "teams__id", Lookup::Exact, Value::Integer(dev.id.0));
        second.is_chained = is_chained;
        [term(Noun::User, "teams__name", Lookup::Exact, text("ops")), second]
    };
    assert!(users(&bench, both(false)).await.is_empty());
    assert_eq!(users(&bench, both(true)).await, [anna.0]);
    let without = not(term(Noun::User, "teams__name", Lookup::Exact, text("ops")));
    assert_eq!(users(&bench, [without]).await, [bert.0]);
    let deep = term(Noun::User, "teams__organization__name", Lookup::Exact, text("Red"));
    assert_eq!(users(&bench, [deep]).await, [anna.0]);
    let mut missing = term(Noun::User, "teams__id", Lookup::Exact, Value::Null);
    missing.comparison = Comparison::Missing(true);
    assert_eq!(users(&bench, [missing.clone()]).await, [bert.0]);
    assert_eq!(users(&bench, [not(missing)]).await, [anna.0]);
    let any = Query {
        any: vec![
            term(Noun::User, "teams__name", Lookup::Exact, text("dev")),
            term(Noun::User, "username", Lookup::Exact, text("bert")),
        ],
        ..everything()
    };
    assert_eq!(bench.ids(Noun::User, &any, Sight::All).await, [anna.0, bert.0]);
}

#[tokio::test]
async fn what_a_reader_may_not_see_cannot_be_asked_through_relations() {
    let bench = bench().await;
    let (anna, otto) = (bench.user("anna").await.id, bench.user("otto").await.id);
    let mut it = organization("Red");
    it.stamp.created_by = Some(otto);
    let red = bench.create(identity::model::object::Object::Organization(it)).await.id();
    bench.give(ManagedRole::OrganizationMember, anna, Some(red)).await;
    let asked = term(Noun::Organization, "created_by__email", Lookup::StartsWith, text("otto"));
    assert_eq!(bench.ids(Noun::Organization, &everything(), Sight::Of(anna)).await, [red]);
    assert!(bench.ids(Noun::Organization, &all([asked.clone()]), Sight::Of(anna)).await.is_empty());
    assert_eq!(bench.ids(Noun::Organization, &all([asked]), Sight::All).await, [red]);
}
