//! Width and colours.

use std::io;

use anstream::{AutoStream, ColorChoice};
use anstyle::AnsiColor;

use crate::engine::Severity;

/// How a report for people looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Style {
    /// Columns.
    pub width: usize,
    /// Whether colours are used.
    pub colour: bool,
}

/// Where nobody says how wide the page is.
const USUAL_WIDTH: usize = 100;

impl Style {
    /// For stdout: `COLUMNS`, else the terminal's width, else 100; colours if the terminal and the user want them
    /// (`NO_COLOR`, `CLICOLOR_FORCE`, and the choice that `colorchoice` was told globally).
    #[must_use]
    pub fn of_stdout() -> Self {
        Self { width: terminal_width(), colour: AutoStream::choice(&io::stdout()) != ColorChoice::Never }
    }

    /// For files.
    #[must_use]
    pub const fn plain() -> Self {
        Self { width: USUAL_WIDTH, colour: false }
    }

    /// The text in a look, if colours are used.
    pub(super) fn paint(&self, look: anstyle::Style, text: &str) -> String {
        if self.colour && !text.is_empty() { format!("{look}{text}{look:#}") } else { text.to_owned() }
    }
}

/// `COLUMNS`, else the terminal's width, else 100.
fn terminal_width() -> usize {
    let told = std::env::var("COLUMNS").ok().and_then(|columns| columns.trim().parse().ok());
    told.filter(|columns| *columns > 0)
        .or_else(|| comfy_table::Table::new().width().map(usize::from))
        .unwrap_or(USUAL_WIDTH)
}

/// What a severity looks like.
pub(super) fn colour(severity: Severity) -> anstyle::Style {
    match severity {
        Severity::Critical => AnsiColor::BrightWhite.on(AnsiColor::Red).bold(),
        Severity::High => AnsiColor::Red.on_default().bold(),
        Severity::Medium => AnsiColor::Yellow.on_default().bold(),
        Severity::Low => AnsiColor::Cyan.on_default().bold(),
        Severity::Info => AnsiColor::Blue.on_default().bold(),
    }
}

/// Other looks.
pub(super) mod look {
    use anstyle::{AnsiColor, Style};

    pub(in super::super) const PLAIN: Style = Style::new();
    pub(in super::super) const STRONG: Style = Style::new().bold();
    pub(in super::super) const FAINT: Style = Style::new().dimmed();
    pub(in super::super) const COMMAND: Style = AnsiColor::Green.on_default();
    pub(in super::super) const UNKNOWN: Style = AnsiColor::Magenta.on_default().bold();
}
