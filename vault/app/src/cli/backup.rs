//! `carnet backup`: where backups are kept, taking and proving them, the alarm, the way back.

mod restore;
mod run;
mod sheet;
mod show;
mod site;

use std::process::ExitCode;

use carnet_core::model::Slug;
use carnet_core::policy::BackupRules;
use carnet_desk::DeskError;
use clap::Subcommand;

use super::Global;
use crate::config::Config;
use crate::failure::Failure;
use crate::output::Output;
use crate::session::parsed;

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Places that keep backups
    #[command(subcommand)]
    Site(site::Command),
    /// Take a backup to every site, and restore it for proof
    ///
    /// All rows go to the site as they are sealed; the salts, without which nobody can open them, go apart as the keyring. Then the
    /// repositories are checked, and both are restored into a vault that is thrown away: only that makes a backup proven. At the
    /// end the site lets go of what the policy does not keep.
    #[command(after_long_help = "Examples:\n  carnet backup run\n  carnet backup run barn\n\n\
                                 In cron, four times a day: 0 */6 * * *  carnet backup run --json >> backup.log\n\
                                 The exit code is 0 only if every site has a proven backup of now.")]
    Run(run::Run),
    /// Show what is known of backups
    Ls,
    /// Read back what a site has, and compare it with what was written
    ///
    /// Every file of the newest backup, and all data of its repositories or one share of it: with --share 1/7 on the first day,
    /// 2/7 on the second and so on, all is read once a week.
    Verify(run::Verify),
    /// Restore the newest backup of a site into a vault that is thrown away
    Drill(run::Drill),
    /// Say whether somebody must look at the backups; for a timer of its own
    ///
    /// Judged by what is recorded, whoever takes the backups: an old proof is an alarm also where nothing runs any more. Let
    /// something else than what runs the backups call this.
    #[command(after_long_help = "Exit codes: 0 all is well, 1 somebody must look.\n\n\
        Example, in cron, which mails what is printed: 30 7 * * *  carnet backup alarm --quiet")]
    Alarm(show::AlarmCommand),
    /// Make a vault of a backup, in an empty place of either database
    ///
    /// Needs the folder of a site, its password (on the recovery sheet) and the root key, and nothing else of the old machine.
    /// Whoever was erased or refused after the backup was taken is erased and refused again before the vault can be opened.
    #[command(after_long_help = "Examples:\n  \
        carnet backup restore --from /mnt/barn --site-password-file sheet.txt --recovery-words\n  \
        carnet backup restore --from /mnt/barn --site-password-file sheet.txt --database postgres://carnet@db.example/vault \\\n    \
        --data /srv/carnet --key-file /srv/carnet.key\n\n\
        The second is also how a vault outgrows SQLite.")]
    Restore(restore::Restore),
    /// Print what it takes to restore without this machine
    ///
    /// Put it on paper, beside the recovery words and away from the site: whoever has sheet, words and site has everything.
    Sheet {
        /// The site
        site: String,
    },
}

impl Command {
    pub(crate) fn run(self, global: &Global, output: &Output) -> Result<ExitCode, Failure> {
        match self {
            Self::Site(command) => command.run(global, output)?,
            Self::Run(run) => return run.run(global, output),
            Self::Ls => show::list(global, output)?,
            Self::Verify(verify) => return verify.run(global, output),
            Self::Drill(drill) => drill.run(global, output)?,
            Self::Alarm(alarm) => return alarm.run(global, output),
            Self::Restore(restore) => restore.run(global, output)?,
            Self::Sheet { site } => sheet::print(&parsed(&site, "SITE")?, global, output)?,
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// The policy's word on backups.
pub(crate) fn rules(config: &Config) -> Result<BackupRules, Failure> {
    match &config.policies {
        Some(folder) => Ok(BackupRules::from_dir(folder).map_err(DeskError::from)?),
        None => Ok(BackupRules::builtin()),
    }
}

/// A site's name as it was typed.
fn site_name(text: Option<&str>) -> Result<Option<Slug>, Failure> {
    text.map(|name| parsed(name, "SITE")).transpose()
}
