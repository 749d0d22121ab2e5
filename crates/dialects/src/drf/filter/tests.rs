//! Queries and what they mean.

use identity::model::object::Noun;
use identity::model::query::{Comparison, Lookup, Query, Value};

use super::{FilterError, Filtered, pairs, read};

fn query(noun: Noun, text: &str) -> Result<Query, String> {
    let pairs = pairs(Some(text)).map_err(|error| format!("{error:?}"))?;
    match read(noun, &pairs) {
        Ok(Filtered::Some(query)) => Ok(query),
        Ok(Filtered::Nothing) => Err("nothing".to_owned()),
        Err(FilterError::Wrong(text)) => Err(text),
        Err(FilterError::Secret(name)) => Err(format!("secret {name}")),
    }
}

fn refusal(noun: Noun, text: &str) -> String {
    query(noun, text).expect_err("the query is refused")
}

/// The first term of a query: path, field, lookup and value.
fn term(noun: Noun, text: &str) -> (Vec<&'static str>, &'static str, Lookup, Value) {
    let query = query(noun, text).expect("the query is understood");
    let term = query.all.into_iter().chain(query.any).next().expect("there is a term");
    let path = term.path.iter().map(|relation| relation.name).collect();
    match term.comparison {
        Comparison::Field { field, lookup, value } => (path, field.name, lookup, value),
        other => panic!("no field is compared: {other:?}"),
    }
}

#[test]
fn refusals_are_the_contracts_sentences() {
    for (noun, text, said) in [
        (Noun::Organization, "nope=1", "Organization has no field named 'nope'"),
        (Noun::Organization, "order_by=nope", "Organization has no field named 'nope'"),
        (Noun::Organization, "id=abc", "[\"“abc” value must be an integer.\"]"),
        (Noun::Organization, "id__in=", "cannot provide empty value for __in"),
        (Noun::User, "is_superuser=maybe", "Unable to convert \"maybe\" to boolean"),
        (Noun::Organization, "name__nope=1", "No related model for field nope."),
        (Noun::Team, "organization=abc", "Invalid organization id: abc"),
        (Noun::Token, "token=x", "secret token"),
        (Noun::Token, "token__startswith=a", "secret token"),
        (Noun::Token, "order_by=token", "secret token"),
        (Noun::User, "tokens__token__startswith=a", "secret token"),
        (Noun::User, "password__gt=a", "secret password"),
        (Noun::Application, "client_secret=x", "secret client_secret"),
        (Noun::Application, "access_tokens__refresh_token=x", "secret refresh_token"),
        (Noun::Authenticator, "configuration__contains=x", "secret configuration"),
        (
            Noun::User,
            "created_by__created_by__username=x",
            "Loops not allowed in filters, detected on field created_by.",
        ),
        (Noun::Organization, "name__search=x", "name is not searchable"),
        (Noun::Organization, "__exact=x", "Query string field name not provided."),
        (
            Noun::Organization,
            "id__iexact=1",
            "id is not a text field and cannot be filtered by case-insensitive search",
        ),
        (Noun::Organization, "name=%00", "Null characters are not allowed."),
    ] {
        assert_eq!(refusal(noun, text), said, "{text}");
    }
}

#[test]
fn broken_queries_are_refused() {
    assert!(refusal(Noun::User, "username=%zz").contains("Malformed"));
    assert!(refusal(Noun::User, "username=%ff").contains("Malformed"));
    assert!(refusal(Noun::User, "username__regex=(").contains("unclosed group"));
    assert!(refusal(Noun::User, &format!("username__regex={}", "a".repeat(2000))).contains("too long"));
    assert!(refusal(Noun::User, "username__regex=(a{1000}){1000}").contains("too large"));
    let many = vec!["or__id=1"; 65].join("&");
    assert_eq!(refusal(Noun::User, &many), "Too many filters.");
    let words = format!("teams__search={}", vec!["x"; 17].join(","));
    assert_eq!(refusal(Noun::User, &words), "Too many words for __search");
    let values = format!("id__in={}", vec!["1"; 1001].join(","));
    assert_eq!(refusal(Noun::User, &values), "Too many values for __in");
}

#[test]
fn a_name_may_be_a_number() {
    // How ansible.platform looks objects up.
    let query = query(Noun::User, "or__id=7&or__username=7").expect("the query is understood");
    assert!(query.all.is_empty());
    assert_eq!(query.any.len(), 2);
}

#[test]
fn paths_lead_over_relations() {
    assert_eq!(
        term(Noun::Team, "organization__name__icontains=Ops"),
        (vec!["organization"], "name", Lookup::IContains, Value::Text("Ops".to_owned()))
    );
    assert_eq!(
        term(Noun::Team, "organization=3"),
        (vec![], "organization", Lookup::Exact, Value::Integer(3))
    );
    assert_eq!(term(Noun::Token, "application=null"), (vec![], "application", Lookup::Exact, Value::Null));
    assert_eq!(term(Noun::User, "teams=3"), (vec!["teams"], "id", Lookup::Exact, Value::Integer(3)));
    assert_eq!(term(Noun::User, "pk=3"), (vec![], "id", Lookup::Exact, Value::Integer(3)));
    assert_eq!(
        term(Noun::User, "teams__organization__id__in=1,2"),
        (
            vec!["teams", "organization"],
            "id",
            Lookup::In,
            Value::List(vec![Value::Integer(1), Value::Integer(2)])
        )
    );
}

#[test]
fn prefixes_say_how_terms_combine() {
    let query = query(Noun::User, "not__id=1&or__not__id=2&chain__teams__name=a&username=x&username=y")
        .expect("the query is understood");
    let all: Vec<(bool, bool)> = query.all.iter().map(|it| (it.is_negated, it.is_chained)).collect();
    assert_eq!(all, [(true, false), (false, true), (false, false), (false, false)]);
    assert!(query.any[0].is_negated);
}

#[test]
fn values_have_their_fields_kind() {
    assert_eq!(term(Noun::User, "is_superuser=True").3, Value::Boolean(true));
    assert_eq!(term(Noun::User, "is_superuser=f").3, Value::Boolean(false));
    assert_eq!(term(Noun::User, "last_login__isnull=1").3, Value::Boolean(true));
    assert_eq!(term(Noun::User, "created__gt=2026-11-21T00:00:00Z").3, Value::Instant(1_795_219_200_000_000));
    assert_eq!(term(Noun::User, "created__gt=2026-11-21").3, Value::Instant(1_795_219_200_000_000));
    assert_eq!(term(Noun::User, "id=99999999999999999999").3, Value::Integer(i64::MAX));
    assert!(refusal(Noun::User, "created__gt=yesterday").contains("invalid format"));
}

#[test]
fn a_search_looks_at_related_objects() {
    let query = query(Noun::User, "teams__search=ops,dev").expect("the query is understood");
    assert!(matches!(&query.all[0].comparison, Comparison::Search(words) if words == &["ops", "dev"]));
    assert_eq!(query.all[0].path.len(), 1);
}

#[test]
fn nothing_related_is_missing() {
    let query = query(Noun::User, "teams__isnull=true").expect("the query is understood");
    assert!(matches!(query.all[0].comparison, Comparison::Missing(true)));
}

#[test]
fn reserved_names_filter_nothing() {
    let text = "page=2&page_size=1&search=x&format=json&limit=3&no_truncate=1&count_disabled";
    assert!(query(Noun::User, text).expect("the query is understood").all.is_empty());
    assert!(query(Noun::User, "type=user").is_ok());
    assert!(query(Noun::Token, "type=o_auth2_access_token").is_ok());
    assert_eq!(refusal(Noun::User, "type=team"), "nothing");
}

#[test]
fn the_order_is_a_list() {
    let query = query(Noun::User, "order_by=-username,id").expect("the query is understood");
    let order: Vec<(&str, bool)> = query.order.iter().map(|it| (it.field.name, it.is_descending)).collect();
    assert_eq!(order, [("username", true), ("id", false)]);
}
