//! Suggests: the right key nearest to a wrong one.

use super::SECTIONS;

/// What to say about a key that the section at `path` does not have.
pub fn unknown_key(name: &str, path: &str, keys: &[&str]) -> String {
    if let Some(right) = nearest(name, keys.iter().copied()) {
        return format!("unknown key; did you mean `{right}`?");
    }
    let elsewhere = SECTIONS.iter().find(|(section, keys)| *section != path && keys.contains(&name));
    if let Some((section, _)) = elsewhere {
        return format!("unknown key here; it belongs to section [{section}]");
    }
    format!("unknown key; the keys here are {}", keys.join(", "))
}

/// What to say about a word that is none of those that are possible.
pub fn unknown_word(word: &str, words: &[&str]) -> String {
    let list = words.iter().map(|word| format!("{word:?}")).collect::<Vec<_>>().join(", ");
    match nearest(word, words.iter().copied()) {
        Some(right) => format!("{word:?} is unknown; did you mean {right:?}?"),
        None => format!("{word:?} is unknown; it can be {list}"),
    }
}

/// The word that was probably meant, if one is near enough.
pub fn nearest<'k>(name: &str, words: impl Iterator<Item = &'k str>) -> Option<&'k str> {
    let name = name.to_lowercase().replace('-', "_");
    let distance = |word: &str| strsim::damerau_levenshtein(&name, word);
    let near = |word: &str| {
        let allowed = (word.len().max(name.len()) / 3).max(1);
        distance(word) <= allowed || (name.len() >= 4 && word.starts_with(&name))
    };
    words.filter(|word| near(word)).min_by_key(|word| distance(word))
}
