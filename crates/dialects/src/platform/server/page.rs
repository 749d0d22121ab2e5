//! The pages of signing in: without scripts, escaped, under a strict content security policy.

use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::super::wire::{CSRF_FIELD, CSRF_HEADER_SHOWN, LOGIN, LOGIN_FAILED};
use crate::drf::language::Language;
use crate::drf::respond::escape;

/// The frame of all pages.
static FRAME: &str = include_str!("../login.html");

/// What a login page shows.
#[derive(Debug)]
pub struct LoginPage<'a> {
    /// The language of its texts.
    pub language: Language,
    /// The masked CSRF token.
    pub token: &'a str,
    /// Where to go after signing in; checked, or empty.
    pub next: &'a str,
    /// The name that was typed already.
    pub username: &'a str,
    /// Whether a sign-in has just failed.
    pub has_failed: bool,
    /// The setting `custom_login_info`.
    pub info: &'a str,
    /// The setting `custom_logo`.
    pub logo: &'a str,
}

/// The login page (contract section B1).
pub fn login(page: &LoginPage<'_>) -> String {
    let say = |english, russian| match page.language {
        Language::English => english,
        Language::Russian => russian,
    };
    let title = say("Sign in", "Вход в систему");
    let logo = match page.logo {
        "" => String::new(),
        logo => format!("      <img class=\"logo\" src=\"{}\" alt=\"\">\n", escape(logo)),
    };
    let failure = if page.has_failed {
        let text = escape(page.language.say(LOGIN_FAILED));
        format!("        <div class=\"well well-small text-error\" role=\"alert\">{text}</div>\n")
    } else {
        String::new()
    };
    let info = match page.info {
        "" => String::new(),
        info => format!("\n      <p class=\"info\">{}</p>", escape(info)),
    };
    let content = format!(
        "{logo}      <h1>{title}</h1>
      <form action=\"{LOGIN}\" role=\"form\" method=\"post\">
        <input type=\"hidden\" name=\"{CSRF_FIELD}\" value=\"{token}\">
        <input type=\"hidden\" name=\"next\" value=\"{next}\">
        <label for=\"id_username\">{name}</label>
        <input type=\"text\" name=\"username\" id=\"id_username\" value=\"{username}\" maxlength=\"150\" \
         autocomplete=\"username\" autocapitalize=\"none\" spellcheck=\"false\" required autofocus>
        <label for=\"id_password\">{password}</label>
        <input type=\"password\" name=\"password\" id=\"id_password\" \
         autocomplete=\"current-password\" required>
{failure}        <input type=\"submit\" name=\"submit\" value=\"{submit}\">
      </form>{info}",
        token = escape(page.token),
        next = escape(page.next),
        name = say("Username", "Имя пользователя"),
        username = escape(page.username),
        password = say("Password", "Пароль"),
        submit = say("Log in", "Войти"),
    );
    frame(page.language, title, &content, &island(page.token))
}

/// The page of a refused request (contract section B2).
pub fn forbidden(language: Language, reason: &str) -> String {
    let (title, text, advice) = match language {
        Language::English => (
            "403 Forbidden",
            "CSRF verification failed. Request aborted.",
            "The request did not carry the token of our own page. Open the page again and repeat it; \
             cookies must be allowed.",
        ),
        Language::Russian => (
            "403 Forbidden",
            "Проверка CSRF не пройдена. Запрос отклонён.",
            "Запрос не содержит токена нашей страницы. Откройте страницу снова и повторите запрос; файлы \
             cookie должны быть разрешены.",
        ),
    };
    let reason = escape(reason);
    let content = format!(
        "      <h1>Forbidden <span>(403)</span></h1>\n      <p>{text}</p>\n      <p>{advice}</p>\n      \
         <p><small>{reason}</small></p>"
    );
    frame(language, title, &content, "")
}

/// A page that says one sentence.
pub fn sentence(language: Language, title: &str, text: &str) -> String {
    let content = format!("      <h1>{}</h1>\n      <p>{}</p>", escape(title), escape(text));
    frame(language, title, &content, "")
}

/// The content security policy of all pages. Their one style is known by its hash.
pub fn policy() -> &'static str {
    static POLICY: LazyLock<String> = LazyLock::new(|| {
        let style = FRAME
            .split_once("<style>")
            .and_then(|(_, rest)| rest.split_once("</style>"))
            .map_or("", |(style, _)| style);
        let hash = STANDARD.encode(Sha256::digest(style.as_bytes()));
        format!(
            "default-src 'none'; style-src 'sha256-{hash}'; img-src data:; form-action 'self'; \
             frame-ancestors 'none'; base-uri 'none'"
        )
    });
    &POLICY
}

/// The token for scripts: each tag on a line of its own, as published commands cut it out by lines.
pub fn island(token: &str) -> String {
    let text = |text: &str| {
        Value::from(text).to_string().replace('<', "\\u003c").replace('>', "\\u003e").replace('&', "\\u0026")
    };
    format!(
        "      <script type=\"application/json\" id=\"drf_csrf\">
        {{
          \"csrfHeaderName\": {},
          \"csrfToken\": {}
        }}
      </script>",
        text(CSRF_HEADER_SHOWN),
        text(token),
    )
}

/// Fills the frame in one pass: what is filled in is never looked at again.
fn frame(language: Language, title: &str, content: &str, island: &str) -> String {
    let mut page = String::with_capacity(FRAME.len() + content.len() + island.len() + 64);
    let mut rest = FRAME;
    while let Some((before, after)) = rest.split_once("{{") {
        page.push_str(before);
        let (name, after) = after.split_once("}}").unwrap_or((after, ""));
        match name {
            "lang" => page.push_str(language.tag()),
            "title" => page.push_str(&escape(title)),
            "content" => page.push_str(content),
            "island" => page.push_str(island),
            _ => {}
        }
        rest = after;
    }
    page.push_str(rest);
    page
}
