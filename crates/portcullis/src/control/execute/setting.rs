//! Settings from the shell.

use identity::model::setting::{
    DefaultValue, Definition, SettingKind, SettingValue, definition, definitions, validate,
};
use identity::port::SettingWrite;
use serde_json::{Map, Value, json};

use super::{No, Operator, object};
use crate::config::nearest;
use crate::output::Report;

const COLUMNS: [&str; 4] = ["name", "value", "is_default", "section"];

/// What stands for a secret that is set.
const MASK: &str = "$encrypted$";

impl Operator<'_> {
    pub(super) fn list_settings(&self) -> Result<Report, No> {
        let settings = self.authority.read_settings(&self.principal, None)?;
        let rows = settings.iter().map(|(definition, value)| row(definition, value)).collect();
        Ok(Report::list(&COLUMNS, rows))
    }

    pub(super) fn get_setting(&self, name: &str) -> Result<Report, No> {
        let wanted = known(name)?;
        let settings = self.authority.read_settings(&self.principal, None)?;
        match settings.iter().find(|(definition, _)| definition.name == wanted.name) {
            Some((definition, value)) => Ok(Report::one(row(definition, value))),
            None => Err(unknown(name)),
        }
    }

    pub(super) async fn set_setting(&self, name: &str, text: &str) -> Result<Report, No> {
        let definition = known(name)?;
        let value = parse(definition, text).map_err(No::Words)?;
        validate(definition, &value).map_err(|problem| No::Words(format!("{name}: {problem}")))?;
        self.write(definition, Some(value)).await
    }

    pub(super) async fn reset_setting(&self, name: &str) -> Result<Report, No> {
        self.write(known(name)?, None).await
    }

    async fn write(
        &self,
        definition: &'static Definition,
        value: Option<SettingValue>,
    ) -> Result<Report, No> {
        if definition.is_read_only {
            return Err(No::Words(format!("{} cannot be set", definition.name)));
        }
        let writes = vec![SettingWrite { name: definition.name, value }];
        self.authority.write_settings(&self.context, &self.principal, writes, false).await?;
        self.get_setting(definition.name)
    }
}

fn known(name: &str) -> Result<&'static Definition, No> {
    definition(name).ok_or_else(|| unknown(name))
}

fn unknown(name: &str) -> No {
    // Names differ in case; whoever forgets which gets the right one told.
    let same = definitions().map(|it| it.name).find(|it| it.eq_ignore_ascii_case(name));
    let lower: Vec<String> = definitions().map(|it| it.name.to_lowercase()).collect();
    let near = nearest(name, lower.iter().map(String::as_str))
        .and_then(|near| definitions().map(|it| it.name).find(|it| it.eq_ignore_ascii_case(near)));
    No::Words(match same.or(near) {
        Some(right) => format!("there is no setting {name:?}; did you mean {right}?"),
        None => format!("there is no setting {name:?}; `portcullis setting list` shows all"),
    })
}

/// Reads a value as it is typed in a shell.
fn parse(definition: &Definition, text: &str) -> Result<SettingValue, String> {
    let name = definition.name;
    match definition.kind {
        SettingKind::Boolean => match text {
            "true" | "yes" | "on" => Ok(SettingValue::Boolean(true)),
            "false" | "no" | "off" => Ok(SettingValue::Boolean(false)),
            _ => Err(format!("{name} is true or false")),
        },
        SettingKind::Integer(..) => {
            text.parse().map(SettingValue::Integer).map_err(|_| format!("{name} is a whole number"))
        }
        SettingKind::Float(_) => {
            text.parse().map(SettingValue::Float).map_err(|_| format!("{name} is a number"))
        }
        SettingKind::Origins | SettingKind::AddressKeys | SettingKind::Peers | SettingKind::Rules => {
            let items = text.split(',').map(str::trim).filter(|it| !it.is_empty());
            Ok(SettingValue::List(items.map(str::to_owned).collect()))
        }
        SettingKind::Text
        | SettingKind::Secret
        | SettingKind::Url
        | SettingKind::UrlOrPath
        | SettingKind::Image
        | SettingKind::HeaderName => Ok(SettingValue::Text(text.to_owned())),
    }
}

fn row(definition: &Definition, value: &SettingValue) -> Map<String, Value> {
    let default = definition.default_value();
    let row = json!({
        "name": definition.name,
        "value": shown(definition, value),
        "default_value": shown(definition, &default),
        "is_default": *value == default || (definition.is_read_only && definition.default == DefaultValue::Text("")),
        "is_read_only": definition.is_read_only,
        "section": definition.section.as_str(),
        "help": definition.help,
    });
    object(row)
}

fn shown(definition: &Definition, value: &SettingValue) -> Value {
    match (definition.kind, value) {
        (SettingKind::Secret, SettingValue::Text(text)) if !text.is_empty() => MASK.into(),
        (_, SettingValue::Text(text)) => text.as_str().into(),
        (_, SettingValue::Integer(number)) => (*number).into(),
        (_, SettingValue::Float(number)) => (*number).into(),
        (_, SettingValue::Boolean(flag)) => (*flag).into(),
        (_, SettingValue::List(items)) => items.clone().into(),
    }
}
