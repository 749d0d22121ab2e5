//! Lexicons: what a contract calls the fields and kinds that the catalog knows by another name.

use identity::model::catalog;
use identity::model::object::Noun;

/// The words of one contract.
#[derive(Debug)]
pub struct Lexicon {
    /// The fields and relations that it calls otherwise.
    pub names: &'static [Name],
    /// The kinds that it calls otherwise.
    pub models: &'static [(Noun, &'static str)],
    /// Whether `search=` looks into the listed objects (AWX contract section 1.5).
    pub searches: bool,
}

/// One field or relation that a contract calls otherwise.
#[derive(Debug)]
pub struct Name {
    /// The kind that has it.
    pub noun: Noun,
    /// What the contract calls it.
    pub wire: &'static str,
    /// What the catalog calls it.
    pub field: &'static str,
    /// The words that stand for its numbers.
    pub words: &'static [(&'static str, i64)],
}

/// The lexicon of a contract that speaks as the catalog does.
pub static PLAIN: Lexicon = Lexicon { names: &[], models: &[], searches: false };

impl Lexicon {
    /// What the contract means by a name.
    pub(super) fn name(&self, noun: Noun, wire: &str) -> Option<&'static Name> {
        self.names.iter().find(|it| it.noun == noun && it.wire == wire)
    }

    /// What the contract calls a kind in its messages.
    pub(super) fn model(&self, noun: Noun) -> &'static str {
        let known = self.models.iter().find(|(it, _)| *it == noun);
        known.map_or_else(|| catalog::entry(noun).model, |(_, model)| model)
    }

    /// Whether one of these words, separated by commas, names a kind: its model, with or without underscores
    /// between its words.
    pub(super) fn is_type(&self, noun: Noun, words: &str) -> bool {
        words.split(',').any(|word| {
            let plain: String = word.chars().filter(|it| *it != '_').collect();
            plain.eq_ignore_ascii_case(self.model(noun))
        })
    }
}
