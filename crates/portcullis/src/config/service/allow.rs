//! `allow`: who may call a service.

use identity::model::policy::Policy;

use super::super::reader::Section;
use super::super::suggest::nearest;

/// Most rules of one service.
const RULES_MAX: usize = 1000;

/// Reads who may call; everybody who signed in, where the entry does not say.
pub fn read(section: &Section<'_, '_>) -> Policy {
    let Some(texts) = section.texts("allow") else {
        return Policy { everybody: true, ..Policy::default() };
    };
    if texts.is_empty() {
        section.problem("allow", "an empty list lets nobody in; leave it out for everybody who signed in");
    }
    if texts.len() > RULES_MAX {
        section.problem("allow", format!("at most {RULES_MAX} rules"));
    }
    let mut policy = Policy::default();
    for text in texts {
        if let Err(problem) = add(&mut policy, &text.value) {
            section.problem_at(text.line, "allow", problem);
        }
    }
    policy
}

fn add(policy: &mut Policy, rule: &str) -> Result<(), String> {
    if policy.add(rule) {
        return Ok(());
    }
    let word = rule.split(':').next().unwrap_or_default();
    let forms = ["everybody", "administrators", "admins", "user", "team"];
    Err(match nearest(word, forms.into_iter()) {
        Some("admins") => format!("{rule:?} is no rule; did you mean \"administrators\"?"),
        Some("user") => format!("{rule:?} is no rule; write \"user:NAME\""),
        Some("team") => format!("{rule:?} is no rule; write \"team:NAME\" or \"team:ORGANIZATION/NAME\""),
        Some(right) => format!("{rule:?} is no rule; did you mean {right:?}?"),
        None => format!(
            "{rule:?} is no rule; write \"everybody\", \"administrators\", \"user:NAME\", \"team:NAME\" \
             or \"team:ORGANIZATION/NAME\""
        ),
    })
}
