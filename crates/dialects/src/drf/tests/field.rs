//! Validation: the framework's messages, one by one.

use serde_json::{Value, json};

use crate::drf::body::Body;
use crate::drf::field::{Field, Kind};
use crate::drf::validate::{Aim, Values, is_email, is_url, validate};

const FIELDS: &[Field] = &[
    Field::read("id", Kind::Integer),
    Field::new("name", Kind::Text).required().max(5),
    Field::text("description"),
    Field::new("organization", Kind::Key),
    Field::new("owner", Kind::Key).nullable(),
    Field::new("is_good", Kind::Boolean),
    Field::new("type", Kind::Choice(&[("a", "A"), ("b", "B")])).created(),
    Field::new("email", Kind::Email).blank(),
    Field::new("username", Kind::Username),
    Field::new("link", Kind::Url).nullable().blank(),
    Field::new("stable", Kind::Uuid).nullable(),
    Field::new("password", Kind::Password),
];

fn body(value: Value) -> Body {
    match value {
        Value::Object(map) => Body::Json(map),
        other => panic!("no object: {other}"),
    }
}

fn values(value: Value) -> Values {
    validate(FIELDS, &body(value), Aim::Change).expect("a valid body")
}

fn errors(value: Value, aim: Aim) -> Value {
    validate(FIELDS, &body(value), aim).expect_err("an invalid body").to_value()
}

#[test]
fn every_message_is_the_frameworks() {
    for (value, said) in [
        (json!({"name": null}), json!({"name": ["This field may not be null."]})),
        (json!({"name": " "}), json!({"name": ["This field may not be blank."]})),
        (json!({"name": "123456"}), json!({"name": ["Ensure this field has no more than 5 characters."]})),
        (json!({"name": "a\u{0}"}), json!({"name": ["Null characters are not allowed."]})),
        (json!({"name": true}), json!({"name": ["Not a valid string."]})),
        (json!({"name": []}), json!({"name": ["Not a valid string."]})),
        (
            json!({"organization": "abc"}),
            json!({"organization": ["Incorrect type. Expected pk value, received str."]}),
        ),
        (
            json!({"organization": true}),
            json!({"organization": ["Incorrect type. Expected pk value, received bool."]}),
        ),
        (json!({"organization": ""}), json!({"organization": ["This field may not be null."]})),
        (
            json!({"organization": 18_446_744_073_709_551_615_u64}),
            json!({"organization": ["Invalid pk \"18446744073709551615\" - object does not exist."]}),
        ),
        (json!({"is_good": "maybe"}), json!({"is_good": ["Must be a valid boolean."]})),
        (json!({"email": "x"}), json!({"email": ["Enter a valid email address."]})),
        (json!({"link": "ftp://x"}), json!({"link": ["Enter a valid URL."]})),
        (json!({"stable": "x"}), json!({"stable": ["Must be a valid UUID."]})),
        (
            json!({"username": "a b"}),
            json!({"username": ["Enter a valid username. This value may contain only letters, numbers, and @/./+/-/_ characters."]}),
        ),
    ] {
        assert_eq!(errors(value, Aim::Change), said);
    }
    assert_eq!(
        errors(json!({"name": "x", "type": "c"}), Aim::Make),
        json!({"type": ["\"c\" is not a valid choice."]})
    );
}

#[test]
fn what_is_required_may_be_missing_from_a_change_only() {
    let said = json!({"name": ["This field is required."]});
    assert_eq!(errors(json!({}), Aim::Make), said);
    assert_eq!(errors(json!({}), Aim::Replace), said);
    assert!(validate(FIELDS, &body(json!({})), Aim::Change).is_ok());
}

#[test]
fn errors_stand_in_the_order_of_the_fields() {
    let said = errors(json!({"is_good": 7, "name": null}), Aim::Make);
    assert_eq!(
        said.to_string(),
        r#"{"name":["This field may not be null."],"is_good":["Must be a valid boolean."]}"#
    );
}

#[test]
fn values_are_converted() {
    let mut values = values(json!({
        "id": 9, "unknown": 1, "name": "  x ", "organization": "7", "owner": null, "is_good": "yes",
        "link": "", "stable": "123E4567E89B12D3A456426614174000", "password": " p ", "description": 5,
    }));
    assert_eq!(values.integer("id"), None);
    assert_eq!(values.text("name").as_deref(), Some("x"));
    assert_eq!(values.integer("organization"), Some(7));
    assert_eq!(values.nullable_integer("owner"), Some(None));
    assert_eq!(values.boolean("is_good"), Some(true));
    assert_eq!(values.nullable_text("link"), Some(None));
    assert_eq!(values.text("stable").as_deref(), Some("123e4567-e89b-12d3-a456-426614174000"));
    assert_eq!(values.text("password").as_deref(), Some(" p "));
    assert_eq!(values.text("description").as_deref(), Some("5"));
}

#[test]
fn control_characters_are_kept() {
    assert_eq!(values(json!({"name": "a\u{7}\u{202e}"})).text("name").as_deref(), Some("a\u{7}\u{202e}"));
}

#[test]
fn what_is_written_once_is_passed_over_later() {
    let mut values = validate(FIELDS, &body(json!({"type": "zzz"})), Aim::Change).expect("a valid body");
    assert_eq!(values.text("type"), None);
}

#[test]
fn a_form_does_not_send_what_is_not_ticked() {
    let form = Body::Form(vec![("name".to_owned(), "x".to_owned())]);
    let values = validate(FIELDS, &form, Aim::Make).expect("a valid form");
    assert_eq!(values.boolean("is_good"), Some(false));
}

#[test]
fn addresses_look_like_addresses() {
    for good in ["a@example.com", "a.b+c@sub.example.com", "a@localhost", "a@[127.0.0.1]"] {
        assert!(is_email(good), "{good}");
    }
    for bad in ["a", "a@", "@b.c", "a b@c.d", "a@b", "a@-b.c", ".a@b.c", "a\r\n@b.c"] {
        assert!(!is_email(bad), "{bad}");
    }
    for good in ["http://a", "https://a.b:8080/c?d=e", "https://[::1]/"] {
        assert!(is_url(good), "{good}");
    }
    for bad in ["javascript:alert(1)", "http://", "//a", "http://a b", "http://a:99999", "http://a\n"] {
        assert!(!is_url(bad), "{bad}");
    }
}
