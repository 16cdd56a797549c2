//! `rules`: the checklist, and rules of one's own.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::selection::SelectionArgs;

/// `rules`
#[derive(Debug, Clone, Args)]
pub struct RulesArgs {
    /// What about them
    #[command(subcommand)]
    pub command: RulesCommand,
}

/// `rules …`
#[derive(Debug, Clone, Subcommand)]
pub enum RulesCommand {
    /// All rules, one a line
    List {
        /// How to show them
        #[arg(short, long, value_enum, default_value = "table")]
        format: RulesFormat,

        #[command(flatten)]
        selection: SelectionArgs,
    },
    /// One rule in full
    Show {
        /// Its id or name
        rule: String,

        /// Also know the rules in this folder
        #[arg(long, value_name = "DIR")]
        rules: Option<PathBuf>,
    },
    /// Judge the examples of your own rules
    Test {
        /// The folder that holds them
        #[arg(value_name = "DIR")]
        folder: PathBuf,
    },
    /// Start a rule of your own: a file with an expression and examples that hold
    New {
        /// Its id, such as ACME-001
        id: String,

        /// Its name, such as entries-have-comments
        name: String,

        /// Where to put the file
        #[arg(long, value_name = "DIR", default_value = "rules")]
        folder: PathBuf,

        /// What gets a verdict of its own
        #[arg(long, value_enum, default_value = "project")]
        scope: NewScope,
    },
}

/// Scopes of `rules new`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum NewScope {
    /// The organization
    Organization,
    /// Each project
    Project,
    /// Each cluster
    Cluster,
    /// Each database user
    DatabaseUser,
}

/// Formats of `rules list`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum RulesFormat {
    /// For people
    Table,
    /// For programs
    Json,
    /// For a page
    Markdown,
}
