//! Summaries: what an import did, or would do, and why not more.

/// Examples that a remark names.
const EXAMPLES_MAX: usize = 3;

/// The kinds of things that an import brings, in the order in which they come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// Users.
    User,
    /// Organizations.
    Organization,
    /// Teams.
    Team,
    /// Roles of users.
    Membership,
    /// Applications.
    Application,
    /// Access tokens.
    Token,
    /// Refresh tokens.
    RefreshToken,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::User,
        Self::Organization,
        Self::Team,
        Self::Membership,
        Self::Application,
        Self::Token,
        Self::RefreshToken,
    ];

    /// Its word, for several.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::User => "users",
            Self::Organization => "organizations",
            Self::Team => "teams",
            Self::Membership => "memberships",
            Self::Application => "applications",
            Self::Token => "access tokens",
            Self::RefreshToken => "refresh tokens",
        }
    }
}

/// What became of one thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It was made.
    New,
    /// It was there and was changed.
    Updated,
    /// It was there already.
    Unchanged,
}

/// What an import did, or would do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    counts: [Count; 7],
    /// What else there is to say, in the order in which it came up.
    pub remarks: Vec<Remark>,
}

/// How many things of a kind had which outcome.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// Made.
    pub new: u64,
    /// Changed.
    pub updated: u64,
    /// Left as they were.
    pub unchanged: u64,
    /// Not taken over, for the reasons in the remarks.
    pub skipped: u64,
}

/// One sentence about some things of a kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remark {
    /// The kind.
    pub kind: Kind,
    /// What is said of them.
    pub text: &'static str,
    /// How many there are.
    pub count: u64,
    /// The names of the first few.
    pub examples: Vec<String>,
}

impl Summary {
    /// The counts of a kind.
    pub fn count(&self, kind: Kind) -> Count {
        self.counts[kind as usize]
    }

    /// Whether anything was made or changed.
    pub fn has_changes(&self) -> bool {
        self.counts.iter().any(|count| count.new + count.updated > 0)
    }

    /// Counts what became of a thing.
    pub fn add(&mut self, kind: Kind, outcome: Outcome) {
        let count = &mut self.counts[kind as usize];
        match outcome {
            Outcome::New => count.new += 1,
            Outcome::Updated => count.updated += 1,
            Outcome::Unchanged => count.unchanged += 1,
        }
    }

    /// Counts a thing that is not taken over, and why.
    pub fn skip(&mut self, kind: Kind, reason: &'static str, name: impl Into<String>) {
        self.counts[kind as usize].skipped += 1;
        self.remark(kind, reason, name);
    }

    /// Says something of a thing that is taken over.
    pub fn remark(&mut self, kind: Kind, text: &'static str, name: impl Into<String>) {
        let found = self.remarks.iter().position(|it| it.kind == kind && it.text == text);
        let place = found.unwrap_or_else(|| {
            self.remarks.push(Remark { kind, text, count: 0, examples: Vec::new() });
            self.remarks.len() - 1
        });
        let remark = &mut self.remarks[place];
        remark.count += 1;
        let name = name.into();
        if remark.examples.len() < EXAMPLES_MAX && !name.is_empty() {
            remark.examples.push(name.chars().take(80).collect());
        }
    }
}
