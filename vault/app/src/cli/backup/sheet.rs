//! `carnet backup sheet`: what it takes to restore without this machine, on paper.

use carnet_core::model::Slug;
use serde_json::json;

use crate::cli::Global;
use crate::failure::Failure;
use crate::output::Output;
use crate::session::at_desk;

pub(super) fn print(name: &Slug, global: &Global, output: &Output) -> Result<(), Failure> {
    at_desk(global, output, |desk| {
        let site = desk.backup_sheet(name)?;
        let vault = desk.status()?.vault;
        let value = json!({
            "site": site.name.to_string(), "vault": vault.to_string(), "folder": site.folder, "password": site.password,
        });
        output.show(&value, |out| {
            writeln!(out, "RECOVERY SHEET of backup site {} of vault {vault}", site.name)?;
            writeln!(out)?;
            writeln!(out, "  folder    {}", site.folder)?;
            writeln!(out, "  password  {}", site.password)?;
            writeln!(out)?;
            writeln!(out, "Keep it with the 24 recovery words of the vault, and neither of them with the site.")?;
            writeln!(out)?;
            writeln!(out, "With Carnet, on any machine: write the password alone into a file, then")?;
            writeln!(out, "  carnet backup restore --from FOLDER --site-password-file FILE --recovery-words")?;
            writeln!(out)?;
            writeln!(out, "With restic alone (0.14 or later), to see that all is there and to take it out:")?;
            writeln!(out, "  restic --repo FOLDER/rows    --password-file FILE snapshots")?;
            writeln!(out, "  restic --repo FOLDER/rows    --password-file FILE check --read-data")?;
            writeln!(out, "  restic --repo FOLDER/rows    --password-file FILE restore latest --target ROWS")?;
            writeln!(out, "  restic --repo FOLDER/keyring --password-file FILE restore latest --target KEYRING")?;
            writeln!(out, "  carnet backup restore --from-files ROWS --keyring-files KEYRING --recovery-words")?;
            writeln!(out)?;
            writeln!(
                out,
                "Never let restic prune or forget here: that is Carnet's own work, and two at it lose data."
            )?;
            writeln!(out, "On a disk that cannot be written, add --no-lock.")
        })
    })
}
