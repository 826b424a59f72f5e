//! `carnet backup site`: places that keep backups.

use std::path::{Path, PathBuf};

use carnet_core::keys::random_seed;
use carnet_core::model::Slug;
use carnet_desk::NewSite;
use clap::{Args, Subcommand};
use serde_json::{Value, json};

use crate::backup::Site;
use crate::cli::Global;
use crate::config::Config;
use crate::failure::Failure;
use crate::output::{Output, moment, table};
use crate::session::{at_desk, at_desk_with, parsed};

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make a site of an empty folder
    #[command(after_long_help = "Examples:\n  carnet backup site add barn /mnt/barn/carnet --country FR\n  \
        carnet backup site add cellar /mnt/cellar/carnet --country DE --parent-country DE\n\n\
        Two sites at least, on disks that do not burn together; each has its own password.")]
    Add(Add),
    /// Show the sites
    Ls,
    /// Take backups there no more; what is in its folder stays, until you remove it
    ///
    /// A site that will never come back keeps every other from letting go of old keyrings: remove it here. Destroy its folder
    /// where you can: erasures do not reach it any more.
    Rm {
        /// The site
        name: String,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Add {
    /// What it is called
    name: String,
    /// Its folder, on a disk of its own: a mounted one, or one that is carried away
    folder: PathBuf,
    /// Where the folder is, such as FR
    #[arg(long, value_name = "COUNTRY")]
    country: String,
    /// Where the ultimate parent of whoever runs it is [default: the same]
    #[arg(long, value_name = "COUNTRY")]
    parent_country: Option<String>,
}

impl Command {
    pub(crate) fn run(self, global: &Global, output: &Output) -> Result<(), Failure> {
        match self {
            Self::Add(add) => add.run(global, output),
            Self::Ls => list(global, output),
            Self::Rm { name } => {
                let name: Slug = parsed(&name, "NAME")?;
                at_desk(global, output, |desk| {
                    let site = desk.remove_backup_site(&name)?;
                    let value = json!({ "done": "removed", "site": site.name.to_string(), "folder": site.folder });
                    let sentence =
                        format!("No backups go to {} any more. Destroy what is in {}", site.name, site.folder);
                    output.say(&value, &sentence)
                })
            }
        }
    }
}

impl Add {
    fn run(&self, global: &Global, output: &Output) -> Result<(), Failure> {
        let name: Slug = parsed(&self.name, "NAME")?;
        let country = parsed(&self.country, "--country")?;
        let parent_country = match &self.parent_country {
            Some(code) => parsed(code, "--parent-country")?,
            None => country,
        };
        let folder = std::path::absolute(&self.folder).map_err(|error| Failure::file(&self.folder, &error))?;
        let folder =
            folder.to_str().ok_or_else(|| Failure::invalid("the folder's name is not text in UTF-8"))?.to_owned();
        let config = Config::read(global)?;
        let data = std::path::absolute(&config.data).map_err(|error| Failure::file(&config.data, &error))?;
        if Path::new(&folder).starts_with(&data) {
            let sentence =
                format!("{folder} is in the vault's own folder, and would be lost with it; name one on another disk");
            return Err(Failure::invalid(sentence));
        }
        at_desk_with(&config, global, output, |desk| {
            desk.plan_backup_site(&name, &folder)?;
            let password = new_password();
            Site::create(&folder, &password)?;
            let new = NewSite { name: name.clone(), folder: folder.clone(), password, country, parent_country };
            let site = desk.add_backup_site(&new)?;
            let value = json!({ "site": site.name.to_string(), "id": site.id.to_string(), "folder": site.folder });
            output.show(&value, |out| {
                writeln!(out, "Backup site {} in {}", site.name, site.folder)?;
                writeln!(
                    out,
                    "Next: carnet backup run, and carnet backup sheet {} --reason \"...\" on paper",
                    site.name
                )
            })
        })
    }
}

/// 32 digits in groups of four, as they are typed from paper: 128 random bits.
fn new_password() -> String {
    let digits = hex::encode(random_seed().first_chunk::<16>().copied().unwrap_or_default());
    let groups: Vec<&str> = digits.as_bytes().chunks(4).filter_map(|group| std::str::from_utf8(group).ok()).collect();
    groups.join("-")
}

fn list(global: &Global, output: &Output) -> Result<(), Failure> {
    at_desk(global, output, |desk| {
        let sites = desk.list_backup_sites()?;
        let value = sites.iter().map(|site| {
            json!({
                "site": site.name.to_string(), "id": site.id.to_string(), "folder": site.folder,
                "country": site.country.to_string(), "parent_country": site.parent_country.to_string(),
                "created": site.created.to_string(),
            })
        });
        output.show(&json!({ "sites": value.collect::<Vec<Value>>() }), |out| {
            let rows = sites.iter().map(|site| {
                let country = if site.country == site.parent_country {
                    site.country.to_string()
                } else {
                    format!("{} (parent {})", site.country, site.parent_country)
                };
                vec![site.name.to_string(), country, moment(site.created), site.folder.clone()]
            });
            table(out, &["SITE", "COUNTRY", "SINCE", "FOLDER"], &rows.collect::<Vec<_>>())
        })
    })
}
