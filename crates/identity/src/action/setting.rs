//! Settings: read by auditors, written by administrators, effective at once.

use crate::authority::{Authority, Context};
use crate::denial::{Denial, Invalid, Refusal, Violation};
use crate::model::audit::EventKind;
use crate::model::entry::{Entry, FieldChange, Operation};
use crate::model::object::{EntryId, Noun};
use crate::model::principal::Principal;
use crate::model::setting::{self, Definition, Section, SettingKind, SettingValue};
use crate::port::{SettingWrite, Trail};

impl Authority {
    /// Whether the principal may read settings at all.
    pub fn may_read_settings(&self, principal: &Principal) -> bool {
        principal.subject.reads_all()
    }

    /// The settings of a section, or all, in their order. Secrets are in it: the dialect masks them.
    pub fn read_settings(
        &self,
        principal: &Principal,
        section: Option<Section>,
    ) -> Result<Vec<(&'static Definition, SettingValue)>, Refusal> {
        if !self.may_read_settings(principal) {
            return Err(Denial::NotPermitted.into());
        }
        let settings = self.settings();
        Ok(setting::definitions()
            .filter(|it| section.is_none_or(|section| it.section == section))
            .map(|it| (it, settings.get(it.name).cloned().unwrap_or_else(|| it.default_value())))
            .collect())
    }

    /// Sets and resets settings, all or none. A dry run checks everything and writes nothing.
    pub async fn write_settings(
        &self,
        context: &Context,
        principal: &Principal,
        writes: Vec<SettingWrite>,
        is_dry_run: bool,
    ) -> Result<(), Refusal> {
        if !principal.is_superuser() {
            return Err(Denial::NotPermitted.into());
        }
        let before = self.settings();
        let mut entries = Vec::new();
        let mut names = Vec::new();
        for write in &writes {
            let definition = setting::definition(write.name).ok_or(Refusal::Absent(Noun::Setting))?;
            let rule = |text: String| Invalid::field(definition.name, Violation::Rule(text));
            if definition.is_read_only {
                return Err(rule("This setting is read-only.".to_owned()));
            }
            if let Some(value) = &write.value {
                setting::validate(definition, value).map_err(rule)?;
                check_effect(definition, value)?;
            }
            let old = before.get(write.name).map(|value| shown(definition, value));
            let after = write.value.clone().unwrap_or_else(|| definition.default_value());
            names.push(write.name);
            entries.push(Entry {
                id: EntryId::NEW,
                operation: Operation::Update,
                changes: vec![FieldChange {
                    field: "value".to_owned(),
                    before: old,
                    after: Some(shown(definition, &after)),
                }],
                noun: Noun::Setting,
                object_id: write.name.to_owned(),
                related_noun: None,
                related_id: None,
                created_at: context.now,
                created_by: Some(principal.user().id),
            });
        }
        if is_dry_run || writes.is_empty() {
            return Ok(());
        }
        let trail = Trail { at: context.now, by: Some(principal.user().id), entries };
        self.store.write_settings(writes, trail).await?;
        self.audit(context, EventKind::SettingChange, Some(principal.user()), names.join(" "));
        Ok(())
    }
}

/// Refuses what would leave nobody a way in.
fn check_effect(definition: &Definition, value: &SettingValue) -> Result<(), Refusal> {
    // There is no source of users yet but our own.
    if definition.name == "awx.DISABLE_LOCAL_AUTH" && *value == SettingValue::Boolean(true) {
        let text = "There are no remote authentication systems configured.";
        return Err(Invalid::whole(Violation::Rule(text.to_owned())));
    }
    Ok(())
}

/// A value as the activity stream shows it.
fn shown(definition: &Definition, value: &SettingValue) -> String {
    match (definition.kind, value) {
        (SettingKind::Secret, _) => "$encrypted$".to_owned(),
        (_, SettingValue::Text(text)) => text.chars().take(1000).collect(),
        (_, SettingValue::Integer(number)) => number.to_string(),
        (_, SettingValue::Float(number)) => number.to_string(),
        (_, SettingValue::Boolean(flag)) => flag.to_string(),
        (_, SettingValue::List(texts)) => texts.join(" "),
    }
}
