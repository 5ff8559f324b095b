//! Where answers and talk go.
//!
//! A reader that closes the pipe early (`| head`) has read enough: that is no error.

use std::borrow::Cow;
use std::io::{self, IsTerminal, Write};

use cofferdam_names::deferred;
use cofferdam_report::redact::Redaction;
use cofferdam_report::style::{Style, WIDTH};
use cofferdam_report::text;
use cofferdam_text::{Diagnostic, Documents, Severity};

use crate::args::{Color, Format, Global, Wanted};
use crate::failure::Failure;

/// The streams, and how the user wants them.
pub struct Terminal {
    /// Text for people or JSON for programs.
    pub format: Format,
    /// The format by its name.
    pub wanted: Wanted,
    /// How answers may look.
    pub style: Style,
    talk_style: Style,
    quiet: bool,
    redact: Option<String>,
}

impl Terminal {
    /// From what the user said and what the streams can do.
    pub fn new(global: &Global) -> Terminal {
        let style = |color| Style {
            width: WIDTH,
            color,
        };
        Terminal {
            format: global.format.form(),
            wanted: global.format,
            style: style(colors(global.color, &io::stdout())),
            talk_style: style(colors(global.color, &io::stderr())),
            quiet: global.quiet,
            redact: global.redact.clone(),
        }
    }

    /// The same for a file, which shows no colour.
    pub fn without_color(&self) -> Terminal {
        let style = Style {
            width: WIDTH,
            color: false,
        };
        Terminal {
            style,
            redact: self.redact.clone(),
            ..*self
        }
    }

    /// Writes an answer that names nobody.
    pub fn answer(&self, text: &str) -> Result<(), Failure> {
        self.print(&told_later(text, self.format))
    }

    /// Writes an answer, with pseudonyms if the user asked for them; `keep` says what the question
    /// is about and so stays readable.
    pub fn answer_keeping(
        &self,
        text: &str,
        keep: impl FnOnce(Redaction) -> Redaction,
    ) -> Result<(), Failure> {
        self.print(&self.finished(text, self.wanted, keep))
    }

    /// Writes an answer that was finished before.
    pub fn answer_finished(&self, text: &str) -> Result<(), Failure> {
        self.print(text)
    }

    /// A name of an answer as it is shown, for formats that cut names to fit.
    pub fn name(&self, text: &str, keep: impl FnOnce(Redaction) -> Redaction) -> String {
        self.finished(text, Wanted::Text, keep).into_owned()
    }

    /// An answer as it is written, to a stream or a file.
    pub fn finished<'t>(
        &self,
        text: &'t str,
        format: Wanted,
        keep: impl FnOnce(Redaction) -> Redaction,
    ) -> Cow<'t, str> {
        match &self.redact {
            Some(key) => {
                let text = keep(Redaction::new(key)).apply(text);
                Cow::Owned(told_later(&text, format.form()).into_owned())
            }
            None => told_later(text, format.form()),
        }
    }

    fn print(&self, text: &str) -> Result<(), Failure> {
        let mut stdout = io::stdout().lock();
        match stdout
            .write_all(text.as_bytes())
            .and_then(|()| stdout.flush())
        {
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(Failure::usage(
                format!("the answer cannot be written: {error}"),
                "check where standard output goes",
            )),
            _ => Ok(()),
        }
    }

    /// Whether the user asked for pseudonyms.
    pub fn redacts(&self) -> bool {
        self.redact.is_some()
    }

    /// Says what is wrong with the input. With `--quiet` only errors; in JSON the answer says it.
    pub fn diagnostics(&self, list: &[Diagnostic], documents: &Documents) {
        if self.format == Format::Json {
            return;
        }
        let wanted = |one: &&Diagnostic| !self.quiet || one.severity == Severity::Error;
        let list: Vec<Diagnostic> = list.iter().filter(wanted).cloned().collect();
        self.talk(&text::diagnostics(&list, documents, self.talk_style));
    }

    /// Says why there is no answer.
    pub fn fail(&self, failure: &Failure) {
        self.talk(&text::diagnostics(
            &failure.0,
            &Documents::new(),
            self.talk_style,
        ));
    }

    /// Says something that is no answer, unless the user asked for quiet.
    pub fn note(&self, text: &str) {
        if !self.quiet {
            self.talk(&format!("{text}\n"));
        }
    }

    /// Whether a line that rewrites itself may be shown.
    pub fn shows_progress(&self) -> bool {
        !self.quiet && io::stderr().is_terminal()
    }

    /// Nobody is left to hear about an error on standard error.
    fn talk(&self, text: &str) {
        let text = match &self.redact {
            Some(key) => Redaction::new(key).apply(text),
            None => text.to_owned(),
        };
        let _ = io::stderr().lock().write_all(text.as_bytes());
    }
}

/// Names that are known only later, as people read them.
fn told_later(text: &str, format: Format) -> Cow<'_, str> {
    match format {
        Format::Text => deferred::shown(text),
        Format::Json => deferred::shown_in_json(text),
    }
}

/// `auto` asks the stream and the environment (`NO_COLOR`, `TERM`).
fn colors(wanted: Color, stream: &impl anstream::stream::RawStream) -> bool {
    match wanted {
        Color::Always => true,
        Color::Never => false,
        Color::Auto => anstream::AutoStream::choice(stream) != anstream::ColorChoice::Never,
    }
}
