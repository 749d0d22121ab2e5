//! Imports: another installation's users, applications and tokens, all or nothing.

use crate::authority::{Authority, Context};
use crate::denial::{Denial, Refusal};
use crate::model::audit::EventKind;
use crate::model::import::Snapshot;
use crate::model::import::summary::{Kind, Summary};
use crate::model::object::StableId;
use crate::model::principal::Principal;
use crate::port::Import;

/// How an import is to be carried out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ImportOptions {
    /// Whether nothing is to be written.
    pub is_dry_run: bool,
    /// Whether what is here already becomes as it is there.
    pub overwrites: bool,
}

impl Authority {
    /// Takes over what a snapshot has, in one transaction; what was done, or would be.
    pub async fn import(
        &self,
        context: &Context,
        principal: &Principal,
        mut snapshot: Snapshot,
        options: ImportOptions,
    ) -> Result<Summary, Refusal> {
        if !principal.is_superuser() {
            return Err(Denial::NotPermitted.into());
        }
        snapshot.sift(context.now);
        self.name_for_ever(&mut snapshot);
        let import = Import {
            snapshot,
            overwrites: options.overwrites,
            is_dry_run: options.is_dry_run,
            at: context.now,
            by: principal.user().id,
        };
        let summary = self.store.import(import).await?;
        if !options.is_dry_run {
            let counts: Vec<String> = Kind::ALL
                .into_iter()
                .map(|kind| {
                    let count = summary.count(kind);
                    format!("{} {} new, {} changed", kind.as_str(), count.new, count.updated)
                })
                .collect();
            let detail = format!("import: {}", counts.join("; "));
            self.audit(context, EventKind::ObjectChange, Some(principal.user()), detail);
        }
        Ok(summary)
    }

    /// Gives a stable name to everything that has none.
    fn name_for_ever(&self, snapshot: &mut Snapshot) {
        let users = snapshot.users.iter_mut().map(|it| &mut it.stable_id);
        let organizations = snapshot.organizations.iter_mut().map(|it| &mut it.stable_id);
        let teams = snapshot.teams.iter_mut().map(|it| &mut it.stable_id);
        for stable_id in users.chain(organizations).chain(teams) {
            stable_id.get_or_insert_with(|| {
                let mut bytes = [0; 16];
                self.world.random.fill(&mut bytes);
                StableId::from_random(bytes)
            });
        }
    }
}
