//! `atlas-audit schema`: what this program reads and writes, as a JSON Schema.

use crate::cli::{SchemaArgs, SchemaOf};
use crate::error::Error;

use super::output::to_stdout;

/// Prints a schema.
pub fn run(args: &SchemaArgs) -> Result<(), Error> {
    let schema = match args.of {
        SchemaOf::Snapshot => crate::snapshot::schema::schema(),
        SchemaOf::Report => crate::report::json::schema(),
        SchemaOf::Trend => crate::report::trend::schema(),
        SchemaOf::Access => crate::report::access::schema(),
        SchemaOf::AuditCoverage => crate::report::audit_coverage::v1::schema(),
        SchemaOf::Exposure => crate::report::exposure::schema(),
        SchemaOf::Guardrails => crate::report::guardrails::schema(),
        SchemaOf::WhoCan => crate::report::who_can::schema(),
        SchemaOf::Diff => crate::report::diff::schema(),
        SchemaOf::Review => crate::review::pack::schema(),
        SchemaOf::ReviewRecord => crate::review::pack::record_schema(),
        SchemaOf::Config => crate::config::schema::schema(),
    };
    to_stdout(|out| {
        serde_json::to_writer_pretty(&mut *out, &schema).map_err(std::io::Error::from)?;
        Ok(writeln!(out)?)
    })
}
