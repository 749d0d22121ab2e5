//! The language of git's credential helpers: `key=value` lines up to an empty one, in both directions.

use std::io::{self, BufRead as _, Read as _};

use anyhow::Context as _;
use client::Base;
use dialects::Holding;
use identity::model::proof::Proof;

/// Longest question, in bytes.
const LENGTH_MAX: u64 = 64 * 1024;

/// What a program wants a proof for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Question {
    protocol: String,
    host: String,
    username: Option<String>,
    knows_schemes: bool,
}

impl Question {
    /// Reads the question on standard input.
    pub fn read() -> anyhow::Result<Self> {
        let mut lines = Vec::new();
        let mut length = 0;
        for line in io::stdin().lock().take(LENGTH_MAX).lines() {
            let line = line.context("cannot read the question on standard input")?;
            if line.is_empty() {
                break;
            }
            length += line.len() as u64 + 1;
            // A line that is cut could name another host than the one that is meant.
            anyhow::ensure!(length < LENGTH_MAX, "the question on standard input is too long");
            lines.push(line);
        }
        Ok(Self::of(lines.iter().map(String::as_str)))
    }

    /// What these lines ask. Keys that nobody here knows are left alone, as the language wants it.
    pub fn of<'a>(lines: impl IntoIterator<Item = &'a str>) -> Self {
        let mut question = Self::default();
        for line in lines {
            let line = line.strip_suffix('\r').unwrap_or(line);
            match line.split_once('=') {
                Some(("protocol", value)) => value.clone_into(&mut question.protocol),
                Some(("host", value)) => value.clone_into(&mut question.host),
                Some(("username", value)) if !value.is_empty() => question.username = Some(value.to_owned()),
                Some(("url", value)) => question.take_url(value),
                Some(("capability[]", "authtype")) => question.knows_schemes = true,
                _ => {}
            }
        }
        question
    }

    fn take_url(&mut self, url: &str) {
        if let Some((protocol, rest)) = url.split_once("://") {
            protocol.clone_into(&mut self.protocol);
            let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
            let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
            host.clone_into(&mut self.host);
        }
    }

    /// Whether it asks about this server: the same scheme, host and port. Plain http is never it, unless the server
    /// was signed in at over plain http.
    pub fn is_about(&self, base: &str) -> bool {
        let Ok(ours) = base.parse::<http::Uri>().map_err(drop).and_then(|it| Base::of(&it).map_err(drop))
        else {
            return false;
        };
        // Whatever else stands in it, each program reads in its own way.
        if self.host.contains(|it: char| it.is_whitespace() || it.is_control() || "/\\?#@%".contains(it)) {
            return false;
        }
        let asked = format!("{}://{}/", self.protocol.to_ascii_lowercase(), self.host);
        asked.parse::<http::Uri>().is_ok_and(|it| ours.holds(&it))
    }

    /// The answer with what is held: nothing for another user, and nothing for a session, which is cookies.
    pub fn answer(&self, holding: &Holding) -> Option<String> {
        if self.username.as_ref().is_some_and(|it| !holding.username.is_empty() && *it != holding.username) {
            return None;
        }
        let mut lines = match &holding.proof {
            Proof::Password { username, password } => {
                vec![format!("username={username}"), format!("password={}", password.expose())]
            }
            Proof::Bearer(token) if self.knows_schemes => vec![
                "capability[]=authtype".to_owned(),
                "authtype=Bearer".to_owned(),
                format!("credential={}", token.expose()),
                "ephemeral=1".to_owned(),
            ],
            Proof::Bearer(token) => {
                let name = if holding.username.is_empty() { "token" } else { &holding.username };
                vec![format!("username={name}"), format!("password={}", token.expose())]
            }
            Proof::Session { .. } => return None,
        };
        if let Some(end) = holding.expires_at {
            lines.push(format!("password_expiry_utc={}", end.as_second()));
        }
        // A line feed within a value would be another key.
        let is_sound = lines.iter().all(|line| !line.contains(['\n', '\r', '\0']));
        is_sound.then(|| lines.join("\n") + "\n")
    }
}

#[cfg(test)]
mod tests {
    use dialects::{Credential, Holding, Login};
    use identity::model::proof::Proof;
    use identity::model::secret::Secret;
    use jiff::Timestamp;

    use super::Question;

    fn holding(proof: Proof) -> Holding {
        let login = Login::new("https://h.example:8443", "ann", Secret::new("x"), Timestamp::UNIX_EPOCH);
        assert!(matches!(login.credential, Credential::Password { .. }));
        Holding::new(&login, proof)
    }

    fn bearer() -> Holding {
        holding(Proof::Bearer(Secret::new("t0k")))
    }

    #[test]
    fn only_the_same_server_is_meant() {
        let asks = |text: &str| Question::of(text.split('|')).is_about("https://h.example:8443");
        assert!(asks("protocol=https|host=h.example:8443"));
        assert!(asks("protocol=https|host=H.EXAMPLE:8443|path=a/b"));
        assert!(asks("url=https://ann@h.example:8443/api/"));
        for other in [
            "protocol=https|host=h.example",
            "protocol=http|host=h.example:8443",
            "protocol=https|host=h.example:8443@evil.example",
            "protocol=https|host=evil.example:8443",
            "protocol=https|host=h.example:8443.evil.example",
            "url=https://h.example:8443@evil.example/",
            "host=h.example:8443",
            "protocol=https|host=h.example:8443#@evil.example",
            "protocol=https|host=h.example:8443/@evil.example",
            "protocol=https|host=h.example:8443?.evil.example",
            "protocol=https|host=h.example:8443\\.evil.example",
            "protocol=https|host=h.example.:8443",
            "protocol=https|host=h%2eexample:8443",
            "url=https://h.example:8443\\@evil.example/",
            "",
        ] {
            assert!(!asks(other), "{other}");
        }
    }

    #[test]
    fn a_token_is_shown_in_the_way_that_the_program_knows() {
        let old = Question::of(["protocol=https", "host=h.example:8443"]);
        assert_eq!(old.answer(&bearer()).unwrap(), "username=ann\npassword=t0k\n");
        let new = Question::of(["capability[]=authtype"]);
        let said = new.answer(&bearer()).unwrap();
        assert!(said.contains("authtype=Bearer\ncredential=t0k\n"), "{said}");
        let pair = Proof::Password { username: "ann".to_owned(), password: Secret::new("p=w d") };
        assert_eq!(old.answer(&holding(pair)).unwrap(), "username=ann\npassword=p=w d\n");
    }

    #[test]
    fn another_user_a_session_and_an_odd_value_get_nothing() {
        assert_eq!(Question::of(["username=bob"]).answer(&bearer()), None);
        assert!(Question::of(["username=ann"]).answer(&bearer()).is_some());
        let session = Proof::Session { secret: Secret::new("s"), csrf: None };
        assert_eq!(Question::default().answer(&holding(session)), None);
        let odd = Proof::Bearer(Secret::new("t\nhost=evil"));
        assert_eq!(Question::default().answer(&holding(odd)), None);
    }
}
