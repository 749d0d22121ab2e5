//! Paths as the most forgiving server may read them, for deciding what nobody gets at through a shared session.

use percent_encoding::percent_decode_str;

/// How often a path may have been encoded.
const ENCODINGS_MAX: usize = 2;

/// A path without encodings, parameters behind semicolons, doubled and trailing slashes and dot segments, in small
/// letters; it begins with a slash. What two servers read differently is read as the one that lets more through
/// would read it.
pub fn bare_path(path: &str) -> String {
    let mut text = path.split(['?', '#']).next().unwrap_or_default().to_owned();
    for _ in 0..ENCODINGS_MAX {
        if !text.contains('%') {
            break;
        }
        text = percent_decode_str(&text).decode_utf8_lossy().into_owned();
    }
    let mut segments: Vec<&str> = Vec::new();
    for segment in text.split(['/', '\\']) {
        let name = segment.split([';', '?', '#']).next().unwrap_or_default().trim();
        match name {
            "" | "." => {}
            ".." => {
                segments.pop();
            }
            // Some file systems do not see dots at the end of a name.
            name => segments.extend(Some(name.trim_end_matches(['.', ' '])).filter(|it| !it.is_empty())),
        }
    }
    let mut bare = String::with_capacity(text.len() + 1);
    for segment in segments {
        bare.push('/');
        bare.push_str(segment);
    }
    if bare.is_empty() {
        bare.push('/');
    }
    bare.make_ascii_lowercase();
    bare
}

#[cfg(test)]
mod tests {
    use super::bare_path;

    #[test]
    fn all_spellings_are_one() {
        for path in [
            "/a/b",
            "/A/B/",
            "//a//b",
            "/a;x=1/b;y",
            "/a/%62",
            "/a/%2562",
            "/a/./b",
            "/c/../a/b",
            "/c/..;/a/b",
            "/c/%2e%2e/a/b?q#f",
            "\\a\\b",
            "/a%2fb",
            "/a/b%20",
            "/a/b%3Bx",
            "/a/b%3Fx",
            "/a/b%23x",
            "/a./.../b. .",
            "a/b",
        ] {
            assert_eq!(bare_path(path), "/a/b", "{path}");
        }
        assert_eq!(bare_path(""), "/");
        assert_eq!(bare_path("/../.."), "/");
        assert_eq!(bare_path("/a/b%ff"), "/a/b\u{fffd}");
    }
}
