//! Scope: how far a token reaches.

/// The scopes of a token (RFC 6749 section 3.3) as the set of words it was given, in their order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scope(String);

/// The words that a scope may be made of.
pub const WORDS: [&str; 4] = ["read", "write", "openid", "roles"];

/// Why a text is no scope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ScopeError {
    /// This word is none of [`WORDS`].
    Unknown(String),
    /// A word occurs twice, or the words are not separated by single spaces, or there is none.
    Shape,
}

impl Scope {
    /// What a principal without a token has, and what a token gets when nothing is said.
    pub fn write() -> Self {
        Self("write".to_owned())
    }

    /// Reads a space-separated list without duplicates.
    pub fn parse(text: &str) -> Result<Self, ScopeError> {
        let mut seen: Vec<&str> = Vec::new();
        for word in text.split(' ') {
            if !word.is_empty() && !WORDS.contains(&word) {
                return Err(ScopeError::Unknown(word.to_owned()));
            }
            if word.is_empty() || seen.contains(&word) {
                return Err(ScopeError::Shape);
            }
            seen.push(word);
        }
        Ok(Self(text.to_owned()))
    }

    /// Whether it reaches reading. Writing implies reading.
    pub fn allows_read(&self) -> bool {
        self.0.split(' ').any(|word| word == "read" || word == "write")
    }

    /// Whether it reaches changing.
    pub fn allows_write(&self) -> bool {
        self.0.split(' ').any(|word| word == "write")
    }

    /// Whether each of its words is one of the other's. That `write` implies `read` is not looked at: what was
    /// not granted by its word is not given (AWX contract section D3).
    pub fn is_within(&self, other: &Self) -> bool {
        self.0.split(' ').all(|word| other.0.split(' ').any(|it| it == word))
    }

    /// Whether it reaches anything that the other does not; here writing does imply reading.
    pub fn exceeds(&self, other: &Self) -> bool {
        self.0.split(' ').any(|word| match word {
            "read" => !other.allows_read(),
            word => !other.0.split(' ').any(|it| it == word),
        })
    }

    /// The words, as they were given.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
