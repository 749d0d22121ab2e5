//! `portcullis whoami`.

use super::{Chosen, Printing, block_on, told};
use crate::exit::Outcome;
use crate::output::{self, Report};

/// Asks the platform whom it takes the saved sign-in for.
#[derive(Debug, clap::Args)]
#[command(after_help = "Ends with code 5 if nobody is signed in, or the sign-in is over.\n\n\
                        Examples:\n  \
                        portcullis whoami\n  \
                        portcullis whoami --profile prod -o json")]
pub struct Whoami {
    #[command(flatten)]
    chosen: Chosen,
    #[command(flatten)]
    printing: Printing,
}

impl Whoami {
    /// Runs the command.
    pub fn run(self) -> Outcome {
        let opened = self.chosen.open()?;
        let who = block_on(async {
            let holding = opened.fresh().await?;
            let asked = opened.agent().talk(opened.half().who(&holding), &mut client::Unwatched).await;
            asked.map_err(|it| opened.moment().talk(it))
        })?;
        let mut row = told::who(&who);
        row.insert("base".to_owned(), opened.profile.base.clone().into());
        row.insert("profile".to_owned(), opened.name.as_str().into());
        output::print(&Report::one(row), self.printing.format)?;
        Ok(())
    }
}
