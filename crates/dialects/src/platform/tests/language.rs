//! The language of answers.

use http::{HeaderMap, HeaderValue};

use crate::drf::language::{Language, preferred};

fn language(header: &str) -> Language {
    let mut headers = HeaderMap::new();
    headers.insert("accept-language", HeaderValue::from_str(header).unwrap());
    preferred(&headers)
}

#[test]
fn the_best_liked_language_there_is_wins() {
    for russian in [
        "ru",
        "RU",
        "ru-RU",
        "ru-RU,ru;q=0.9,en-US;q=0.8,en;q=0.7",
        "de, ru;q=0.5",
        "en;q=0.1, ru;q=0.2",
        "en;q=0,ru;q=0.001",
        "fr;q=1.0, ru;q=0.8, *;q=0.1",
        "ru ; q=0.3",
    ] {
        assert_eq!(language(russian), Language::Russian, "{russian}");
    }
    for english in [
        "",
        "en",
        "en-GB,ru;q=0.9",
        "en, ru",
        "de",
        "*",
        "ru;q=0",
        "ru;q=0.000",
        "ru;q=2",
        "ru;q=abc",
        "ru;q=0.1234",
        ";;;,,,q=1",
        "rus",
    ] {
        assert_eq!(language(english), Language::English, "{english}");
    }
    assert_eq!(preferred(&HeaderMap::new()), Language::English);
}

#[test]
fn a_header_without_end_is_not_read_to_its_end() {
    assert_eq!(language(&"de,".repeat(40)), Language::English);
    assert_eq!(language(&format!("{}ru", "de,".repeat(32))), Language::English);
    assert_eq!(language(&format!("{}, {}", "ru", "x".repeat(2000))), Language::English);
}

#[test]
fn a_text_without_translation_stays() {
    assert_eq!(Language::Russian.say("Something else."), "Something else.");
    assert_eq!(Language::Russian.say("This field is required."), "Обязательное поле.");
    assert_eq!(Language::English.say("This field is required."), "This field is required.");
}
