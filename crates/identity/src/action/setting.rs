//! Settings: read by auditors, written by administrators, effective at once.

use crate::authority::{Authority, Context};
use crate::denial::Refusal;
use crate::model::principal::Principal;
use crate::model::setting::{Definition, Section, SettingValue};
use crate::port::SettingWrite;

impl Authority {
    /// The settings of a section, or all, in their order. Secrets are in it: the dialect masks them.
    pub fn read_settings(
        &self,
        principal: &Principal,
        section: Option<Section>,
    ) -> Result<Vec<(&'static Definition, SettingValue)>, Refusal> {
        todo!()
    }

    /// Sets and resets settings, all or none. A dry run checks everything and writes nothing.
    pub async fn write_settings(
        &self,
        context: &Context,
        principal: &Principal,
        writes: Vec<SettingWrite>,
        is_dry_run: bool,
    ) -> Result<(), Refusal> {
        todo!()
    }
}
