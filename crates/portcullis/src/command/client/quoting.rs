//! How values are written for other programs, so that nothing in them is obeyed: shells, and curl's own files.

use clap::ValueEnum;

/// A shell whose words are known here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Syntax {
    /// Bourne shell, bash, zsh and their kin
    #[default]
    Sh,
    /// The friendly interactive shell
    Fish,
    /// `PowerShell`
    Powershell,
}

impl Syntax {
    /// The line that sets a variable of the environment.
    pub fn assignment(self, name: &str, value: &str) -> String {
        match self {
            Self::Sh => format!("export {name}='{}'", value.replace('\'', r"'\''")),
            Self::Fish => {
                format!("set -gx {name} '{}';", value.replace('\\', r"\\").replace('\'', r"\'"))
            }
            // Some typographic quotes end a string there, too; twice they are one.
            Self::Powershell => {
                let mut quoted = String::with_capacity(value.len());
                for it in value.chars() {
                    if matches!(it, '\'' | '\u{2018}'..='\u{201b}') {
                        quoted.push(it);
                    }
                    quoted.push(it);
                }
                format!("$Env:{name} = '{quoted}'")
            }
        }
    }

    /// The line that takes a variable out of the environment.
    pub fn removal(self, name: &str) -> String {
        match self {
            Self::Sh => format!("unset {name}"),
            Self::Fish => format!("set -e {name};"),
            Self::Powershell => format!("Remove-Item -ErrorAction SilentlyContinue Env:{name}"),
        }
    }
}

/// A value between the quotes of curl's configuration files.
pub fn curl(value: &str) -> String {
    let mut quoted = String::with_capacity(value.len() + 2);
    quoted.push('"');
    for it in value.chars() {
        match it {
            '"' | '\\' => quoted.extend(['\\', it]),
            '\n' => quoted.push_str(r"\n"),
            '\r' => quoted.push_str(r"\r"),
            _ => quoted.push(it),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::{Syntax, curl};

    #[test]
    fn nothing_in_a_value_is_obeyed() {
        let value = r#"a'b\c$(d)`e"f"#;
        assert_eq!(Syntax::Sh.assignment("X", value), r#"export X='a'\''b\c$(d)`e"f'"#);
        assert_eq!(Syntax::Fish.assignment("X", value), r#"set -gx X 'a\'b\\c$(d)`e"f';"#);
        assert_eq!(Syntax::Powershell.assignment("X", value), r#"$Env:X = 'a''b\c$(d)`e"f'"#);
        assert_eq!(Syntax::Powershell.assignment("X", "a\u{2019}b"), "$Env:X = 'a\u{2019}\u{2019}b'");
        assert_eq!(curl(r#"a"b\c"#), r#""a\"b\\c""#);
        assert_eq!(curl("a\ninsecure"), r#""a\ninsecure""#);
    }

    #[test]
    fn a_shell_reads_back_what_was_written() {
        let value = "a'b\\c$(echo d)`e`\"f !x\nexport Y=1 \u{e9}";
        let script = format!("{}; printf %s \"$X\"", Syntax::Sh.assignment("X", value));
        let output = std::process::Command::new("sh").args(["-c", &script]).output().unwrap();
        assert_eq!(String::from_utf8_lossy(&output.stdout), value);
    }
}
