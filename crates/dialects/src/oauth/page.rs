//! The pages of the authorization server: what they say, in both languages. They hold no script.

use identity::action::{Authorization, DeviceQuestion};
use jiff::Timestamp;

use super::consent::Question;
use super::wire;
use crate::drf::html::frame;
use crate::drf::language::Language;
use crate::drf::respond::escape;

/// What a consent page shows.
#[derive(Clone, Copy, Debug)]
pub struct ConsentPage<'a> {
    /// The language of its texts.
    pub language: Language,
    /// The field of the CSRF token.
    pub csrf_field: &'a str,
    /// The masked CSRF token.
    pub token: &'a str,
    /// What the application asked.
    pub question: &'a Question,
    /// What that means.
    pub authorization: &'a Authorization,
    /// The name of the application's organization, if it is known.
    pub organization: Option<&'a str>,
    /// Who is signed in.
    pub username: &'a str,
}

/// The page on which a user lets an application in, or not.
pub fn consent(page: &ConsentPage<'_>) -> String {
    let language = page.language;
    let application = &page.authorization.application;
    let scope = page.authorization.scope.as_str();
    let mut fields = hidden(page.csrf_field, page.token);
    for (name, value) in page.question.pairs() {
        // What is shown is what is granted, even if the defaults change before the answer comes.
        let value = if name == wire::SCOPE { scope } else { value.unwrap_or_default() };
        fields.push_str(&hidden(name, value));
    }
    let title = language.pick("Authorize application", "Доступ для приложения");
    let content = format!(
        "      <h1>{ask} <bdi>{name}</bdi>?</h1>\n{about}      <p>{wants}</p>\n{scopes}      \
         <form id=\"authorizationForm\" method=\"post\" action=\"./\">\n{fields}        <dl>\n{who}{whose}{whither}\
         \x20       </dl>\n{buttons}      </form>",
        ask = language.pick("Authorize", "Разрешить доступ приложению"),
        name = escape(&application.name),
        about = about(&application.description),
        wants = language.pick("The application asks to:", "Приложение просит разрешения:"),
        scopes = scopes(language, scope),
        who = detail(language.pick("Signed in as", "Вы вошли как"), page.username),
        whose = page
            .organization
            .map(|it| detail(language.pick("Organization", "Организация"), it))
            .unwrap_or_default(),
        whither = detail(
            language.pick("You will be sent to", "Вы будете перенаправлены на"),
            page.authorization.redirect_uri.split('?').next().unwrap_or_default(),
        ),
        buttons = buttons(
            ("", language.pick("Cancel", "Отмена")),
            (wire::ALLOW, language.pick("Authorize", "Разрешить")),
        ),
    );
    frame(language, title, &content, "")
}

/// The page of a request that can be answered to nobody else (AWX contract section D4). The first two lines
/// are the contract's, in any language.
pub fn error(language: Language, error: &str, description: &str) -> String {
    let advice = language.pick(
        "You were not sent on. The application that brought you here has made a mistake; please tell those who \
         run it.",
        "Переход не выполнен. Приложение, которое направило вас сюда, допустило ошибку; сообщите об этом тем, \
         кто за него отвечает.",
    );
    let content = format!(
        "      <h1>Error: {}</h1>\n      <p>{}</p>\n      <p>{advice}</p>",
        escape(error),
        escape(description)
    );
    frame(language, &format!("Error: {error}"), &content, "")
}

/// What the pages for devices have in common.
#[derive(Clone, Copy, Debug)]
pub struct DevicePage<'a> {
    /// The language of its texts.
    pub language: Language,
    /// The field of the CSRF token.
    pub csrf_field: &'a str,
    /// The masked CSRF token.
    pub token: &'a str,
    /// The code that was typed.
    pub user_code: &'a str,
    /// Who is signed in.
    pub username: &'a str,
}

/// The page on which a user types what a device shows (RFC 8628 section 3.3).
pub fn device_code(page: &DevicePage<'_>, has_failed: bool) -> String {
    let language = page.language;
    let title = language.pick("Connect a device", "Подключение устройства");
    let failure = if has_failed {
        let text = language.pick(
            "This code is not known, or its time is over. Look at the device again.",
            "Такого кода нет, или его срок истёк. Сверьтесь с устройством ещё раз.",
        );
        format!("        <div class=\"text-error\" role=\"alert\" id=\"failure\">{text}</div>\n")
    } else {
        String::new()
    };
    let described = if has_failed { " aria-invalid=\"true\" aria-describedby=\"failure\"" } else { "" };
    let content = format!(
        "      <h1>{title}</h1>\n      <p>{text}</p>\n      <form method=\"post\" action=\"./\">\n{token}        \
         <label for=\"id_user_code\">{label}</label>\n        <input type=\"text\" name=\"{code_field}\" \
         id=\"id_user_code\" value=\"{code}\" maxlength=\"40\" autocomplete=\"off\" autocapitalize=\"characters\" \
         spellcheck=\"false\" required autofocus{described}>\n{failure}        <input type=\"submit\" \
         value=\"{submit}\">\n        <p class=\"info\">{who} <bdi>{username}</bdi></p>\n      </form>",
        text = language.pick(
            "Type the code that your device shows. Type only a code that you have just asked for yourself.",
            "Введите код, который показывает устройство. Вводите только тот код, который вы сами только что \
             запросили.",
        ),
        token = hidden(page.csrf_field, page.token),
        label = language.pick("Code", "Код"),
        code_field = wire::USER_CODE,
        code = escape(page.user_code),
        submit = language.pick("Continue", "Продолжить"),
        who = language.pick("Signed in as", "Вы вошли как"),
        username = escape(page.username),
    );
    frame(language, title, &content, "")
}

/// The page that asks whether a device may have what it wants.
pub fn device_question(page: &DevicePage<'_>, question: &DeviceQuestion, now: Timestamp) -> String {
    let language = page.language;
    let title = language.pick("Connect a device", "Подключение устройства");
    let content = format!(
        "      <h1>{ask} <bdi>{name}</bdi>?</h1>\n{about}      <p>{wants}</p>\n{scopes}      \
         <form method=\"post\" action=\"./\">\n{token}{code}        <dl>\n{who}{shown}{from}{when}        \
         </dl>\n{buttons}      </form>",
        ask = language.pick("Allow a device with", "Разрешить доступ устройству с приложением"),
        name = escape(&question.application.name),
        about = about(&question.application.description),
        wants = language.pick(
            "A device asks through this application to:",
            "Устройство через это приложение просит разрешения:",
        ),
        scopes = scopes(language, question.scope.as_str()),
        token = hidden(page.csrf_field, page.token),
        code = hidden(wire::USER_CODE, page.user_code),
        who = detail(language.pick("Signed in as", "Вы вошли как"), page.username),
        shown = detail(language.pick("Code on the device", "Код на устройстве"), page.user_code),
        from = detail(language.pick("The device asked from", "Адрес устройства"), &question.address),
        when = detail(language.pick("It asked", "Запрос сделан"), &age(language, question.created_at, now)),
        buttons = buttons(
            (wire::DENY, language.pick("Deny", "Отклонить")),
            (wire::ALLOW, language.pick("Allow", "Разрешить")),
        ),
    );
    frame(language, title, &content, "")
}

/// The page after the answer to a device's question.
pub fn device_done(language: Language, is_allowed: bool) -> String {
    let (title, text) = if is_allowed {
        (
            language.pick("The device is connected", "Устройство подключено"),
            language.pick(
                "You can close this page and go back to your device.",
                "Эту страницу можно закрыть и вернуться к устройству.",
            ),
        )
    } else {
        (
            language.pick("The device was refused", "Устройству отказано"),
            language.pick(
                "It gets no access. You can close this page.",
                "Доступа оно не получит. Эту страницу \
             можно закрыть.",
            ),
        )
    };
    crate::drf::html::sentence(language, title, text)
}

/// The page of somebody who has guessed too often.
pub fn device_closed(language: Language) -> String {
    crate::drf::html::sentence(
        language,
        language.pick("Too many wrong codes", "Слишком много неверных кодов"),
        language.pick("Wait some minutes, then try again.", "Подождите несколько минут и попробуйте снова."),
    )
}

/// The page of a user who may not connect a device.
pub fn device_forbidden(language: Language) -> String {
    crate::drf::html::sentence(
        language,
        language.pick("Not possible", "Невозможно"),
        language.pick(
            "Users of an external sign-in service cannot give access to devices.",
            "Пользователи внешней службы входа не могут давать доступ устройствам.",
        ),
    )
}

/// How long ago a device asked.
fn age(language: Language, asked_at: Timestamp, now: Timestamp) -> String {
    let minutes = now.duration_since(asked_at).as_mins().max(0);
    match (language, minutes) {
        (Language::English, 0) => "less than a minute ago".to_owned(),
        (Language::English, 1) => "a minute ago".to_owned(),
        (Language::English, _) => format!("{minutes} minutes ago"),
        (Language::Russian, 0) => "менее минуты назад".to_owned(),
        (Language::Russian, _) => format!("{minutes} мин. назад"),
    }
}

/// What an application says of itself.
fn about(description: &str) -> String {
    match description {
        "" => String::new(),
        text => format!("      <p class=\"about\"><bdi>{}</bdi></p>\n", escape(text)),
    }
}

/// What the words of a scope mean to the user.
fn scopes(language: Language, scope: &str) -> String {
    let mut list = "      <ul>\n".to_owned();
    let includes_writing = scope.split(' ').any(|word| word == "write");
    for word in scope.split(' ').filter(|word| *word != "read" || !includes_writing) {
        let text = match word {
            "read" => language.pick("read everything that you may read", "читать всё, что доступно вам"),
            "write" => language.pick(
                "read and change everything that you may, in your name",
                "читать и изменять от вашего имени всё, что доступно вам",
            ),
            "openid" => language.pick("know who you are", "узнать, кто вы"),
            "roles" => language.pick("know your roles", "узнать ваши роли"),
            other => other,
        };
        list.push_str("        <li>");
        list.push_str(&escape(text));
        list.push_str("</li>\n");
    }
    list.push_str("      </ul>\n");
    list
}

fn hidden(name: &str, value: &str) -> String {
    format!("        <input type=\"hidden\" name=\"{name}\" value=\"{}\">\n", escape(value))
}

fn detail(label: &str, value: &str) -> String {
    format!("          <dt>{label}</dt>\n          <dd><bdi>{}</bdi></dd>\n", escape(value))
}

/// Two buttons, the one that says no first: it is the one that the enter key presses.
fn buttons(no: (&str, &str), yes: (&str, &str)) -> String {
    let name = |name: &str| if name.is_empty() { String::new() } else { format!(" name=\"{name}\"") };
    format!(
        "        <div class=\"choice\">\n          <input type=\"submit\" class=\"plain\"{} value=\"{}\">\n          \
         <input type=\"submit\"{} value=\"{}\">\n        </div>\n",
        name(no.0),
        no.1,
        name(yes.0),
        yes.1
    )
}
