//! The language of answers: English, or Russian for those who prefer it (`Accept-Language`, RFC 9110
//! section 12.5.4).

use http::HeaderMap;
use http::header::ACCEPT_LANGUAGE;

/// Longest `Accept-Language` that is looked at, in bytes; a longer one counts as none.
const HEADER_MAX: usize = 1024;
/// Most ranges that are looked at.
const RANGES_MAX: usize = 32;

/// A language that answers can be in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// English, the language of the contracts.
    English,
    /// Russian.
    Russian,
}

impl Language {
    /// Its tag (RFC 5646).
    pub fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Russian => "ru",
        }
    }

    /// The one of two texts that is in this language.
    pub fn pick(self, english: &'static str, russian: &'static str) -> &'static str {
        match self {
            Self::English => english,
            Self::Russian => russian,
        }
    }

    /// A text of the contracts in this language; as it is if there is no other.
    pub fn say(self, text: &str) -> &str {
        match self {
            Self::English => text,
            Self::Russian => {
                RUSSIAN.iter().find(|(english, _)| *english == text).map_or(text, |(_, russian)| russian)
            }
        }
    }
}

/// The language that a request prefers among those there are. Of two equally liked the first wins.
pub fn preferred(headers: &HeaderMap) -> Language {
    let Some(header) = headers.get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()) else {
        return Language::English;
    };
    if header.len() > HEADER_MAX {
        return Language::English;
    }
    let mut best = (0, Language::English);
    for range in header.split(',').take(RANGES_MAX) {
        let mut parts = range.split(';').map(str::trim);
        let tag = parts.next().unwrap_or_default();
        let language = match tag.split('-').next().unwrap_or_default() {
            primary if primary.eq_ignore_ascii_case("ru") => Language::Russian,
            primary if primary.eq_ignore_ascii_case("en") || primary == "*" => Language::English,
            _ => continue,
        };
        let weight = parts.find_map(quality).unwrap_or(1000);
        if weight > best.0 {
            best = (weight, language);
        }
    }
    best.1
}

/// `q=0.8` in thousandths; 0 for what is no weight. None for another parameter.
fn quality(parameter: &str) -> Option<u32> {
    let value = parameter.strip_prefix("q=").or_else(|| parameter.strip_prefix("Q="))?;
    let (whole, fraction) = value.split_once('.').unwrap_or((value, ""));
    let is_number = fraction.len() <= 3 && fraction.bytes().all(|byte| byte.is_ascii_digit());
    match (whole, is_number) {
        ("1", true) if fraction.bytes().all(|byte| byte == b'0') => Some(1000),
        ("0", true) => Some(format!("{fraction:0<3}").parse().unwrap_or(0)),
        _ => Some(0),
    }
}

/// The common texts. What is not here stays English.
static RUSSIAN: &[(&str, &str)] = &[
    ("Authentication credentials were not provided.", "Учетные данные не были предоставлены."),
    ("Invalid username/password.", "Недопустимые имя пользователя или пароль."),
    (
        "Invalid basic header. No credentials provided.",
        "Недопустимый заголовок basic. Не предоставлены учетные данные.",
    ),
    (
        "Invalid basic header. Credentials string should not contain spaces.",
        "Недопустимый заголовок basic. Учетные данные не должны содержать пробелов.",
    ),
    (
        "Invalid basic header. Credentials not correctly base64 encoded.",
        "Недопустимый заголовок basic. Учетные данные некорректно закодированы в base64.",
    ),
    (
        "Invalid authorization header. There must be only one.",
        "Недопустимый заголовок авторизации. Он должен быть только один.",
    ),
    (
        "You do not have permission to perform this action.",
        "У вас недостаточно прав для выполнения данного действия.",
    ),
    (
        "Email updates are restricted to administrators.",
        "Изменять адрес электронной почты могут только администраторы.",
    ),
    ("A server error occurred.", "Произошла ошибка сервера."),
    ("The server is busy. Try again later.", "Сервер занят. Повторите попытку позже."),
    ("Not found.", "Страница не найдена."),
    (
        "Please enter a correct username and password. Note that both fields may be case-sensitive.",
        "Пожалуйста, введите правильные имя пользователя и пароль. Оба поля могут быть чувствительны к регистру.",
    ),
    ("This field is required.", "Обязательное поле."),
    ("This field may not be null.", "Это поле не может быть пустым."),
    ("This field may not be blank.", "Это поле не может быть пустым."),
    ("This field cannot be changed.", "Это поле нельзя изменить."),
    ("Must be a valid boolean.", "Должно быть правильным логическим значением."),
    ("A valid integer is required.", "Введите правильное число."),
    ("A valid number is required.", "Введите правильное число."),
    ("Enter a valid email address.", "Введите правильный адрес электронной почты."),
    ("Enter a valid URL.", "Введите правильный URL."),
    ("A user with that username already exists.", "Пользователь с таким именем уже существует."),
    ("This password is too common.", "Введённый пароль слишком широко распространён."),
];
