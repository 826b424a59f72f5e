//! Why a command failed: one sentence, and the exit code that programs tell failures apart by.

use std::process::ExitCode;

use carnet_desk::{DeskError, ErrorKind};

/// A failure as the command line reports it.
#[derive(Debug)]
pub(crate) struct Failure {
    /// Of which kind.
    pub kind: ErrorKind,
    /// One sentence: what happened and what to do.
    pub sentence: String,
}

impl Failure {
    /// A request that is wrong in itself.
    pub(crate) fn invalid(sentence: impl Into<String>) -> Self {
        Self { kind: ErrorKind::Invalid, sentence: sentence.into() }
    }

    /// A file or folder that does not serve.
    pub(crate) fn file(place: &std::path::Path, error: &std::io::Error) -> Self {
        let place = place.display();
        let (kind, sentence) = match error.kind() {
            std::io::ErrorKind::NotFound => (ErrorKind::NotFound, format!("{place} is not there")),
            std::io::ErrorKind::InvalidData => (ErrorKind::Invalid, format!("{place} is not text in UTF-8")),
            _ => (ErrorKind::Storage, format!("{place}: {error}")),
        };
        Self { kind, sentence }
    }

    /// The exit code; documented in docs/cli.md.
    pub(crate) fn exit_code(&self) -> u8 {
        match self.kind {
            ErrorKind::Storage => 1,
            ErrorKind::Invalid => 2,
            ErrorKind::Denied => 4,
            ErrorKind::NotFound => 5,
            ErrorKind::Conflict => 6,
            ErrorKind::Key => 7,
            ErrorKind::Damaged => 8,
        }
    }

    /// The word for the kind in `--json`.
    pub(crate) fn word(&self) -> &'static str {
        match self.kind {
            ErrorKind::Storage => "storage",
            ErrorKind::Invalid => "invalid",
            ErrorKind::Denied => "denied",
            ErrorKind::NotFound => "not-found",
            ErrorKind::Conflict => "conflict",
            ErrorKind::Key => "key",
            ErrorKind::Damaged => "damaged",
        }
    }
}

impl From<Failure> for ExitCode {
    fn from(failure: Failure) -> Self {
        Self::from(failure.exit_code())
    }
}

impl From<DeskError> for Failure {
    fn from(error: DeskError) -> Self {
        let mut sentence = error.to_string();
        let mut source = std::error::Error::source(&error);
        while let Some(cause) = source {
            let said = cause.to_string();
            if !sentence.contains(&said) {
                sentence = format!("{sentence} ({said})");
            }
            source = cause.source();
        }
        if matches!(error, DeskError::NoReason(_)) {
            sentence.push_str("; say it with --reason \"...\"");
        }
        Self { kind: error.kind(), sentence }
    }
}

impl From<carnet_core::keys::KeyFileError> for Failure {
    fn from(error: carnet_core::keys::KeyFileError) -> Self {
        DeskError::from(error).into()
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self { kind: ErrorKind::Storage, sentence: error.to_string() }
    }
}
