//! The login page, which all contracts of the family share (AAP contract section B1, AWX contract section B2).

use serde_json::Value;

use super::frame;
use crate::drf::Brand;
use crate::drf::language::Language;
use crate::drf::respond::escape;

/// What a login page shows.
#[derive(Clone, Copy, Debug)]
pub struct LoginPage<'a> {
    /// The words of the dialect.
    pub brand: &'a Brand,
    /// Where the form goes.
    pub action: &'a str,
    /// The language of its texts.
    pub language: Language,
    /// The masked CSRF token.
    pub token: &'a str,
    /// Where to go after signing in; checked, or empty.
    pub next: &'a str,
    /// The name that was typed already.
    pub username: &'a str,
    /// Why a sign-in has just failed, or empty.
    pub failure: &'a str,
    /// The setting `custom_login_info`.
    pub info: &'a str,
    /// The setting `custom_logo`.
    pub logo: &'a str,
}

/// The login page.
pub fn login(page: &LoginPage<'_>) -> String {
    let say = |english, russian| page.language.pick(english, russian);
    let title = say("Sign in", "Вход в систему");
    let logo = match page.logo {
        "" => String::new(),
        logo => format!("      <img class=\"logo\" src=\"{}\" alt=\"\">\n", escape(logo)),
    };
    let failure = match page.failure {
        "" => String::new(),
        text => {
            let text = escape(page.language.say(text));
            format!("        <div class=\"well well-small text-error\" role=\"alert\">{text}</div>\n")
        }
    };
    let info = match page.info {
        "" => String::new(),
        info => format!("\n      <p class=\"info\">{}</p>", escape(info)),
    };
    let content = format!(
        "{logo}      <h1>{title}</h1>
      <form action=\"{action}\" role=\"form\" method=\"post\">
        <input type=\"hidden\" name=\"{field}\" value=\"{token}\">
        <input type=\"hidden\" name=\"next\" value=\"{next}\">
        <label for=\"id_username\">{name}</label>
        <input type=\"text\" name=\"username\" id=\"id_username\" value=\"{username}\" maxlength=\"150\" \
         autocomplete=\"username\" autocapitalize=\"none\" spellcheck=\"false\" required autofocus>
        <label for=\"id_password\">{password}</label>
        <input type=\"password\" name=\"password\" id=\"id_password\" \
         autocomplete=\"current-password\" required>
{failure}        <input type=\"submit\" name=\"submit\" value=\"{submit}\">
      </form>{info}",
        action = escape(page.action),
        field = page.brand.csrf_field,
        token = escape(page.token),
        next = escape(page.next),
        name = say("Username", "Имя пользователя"),
        username = escape(page.username),
        password = say("Password", "Пароль"),
        submit = say("Log in", "Войти"),
    );
    frame(page.language, title, &content, &island(page.brand.csrf_header, page.token))
}

/// The token for scripts: each tag on a line of its own, as published commands cut it out by lines.
pub fn island(header: &str, token: &str) -> String {
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
        text(header),
        text(token),
    )
}
