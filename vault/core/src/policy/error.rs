//! Why a policy folder was not taken.

use std::path::PathBuf;

/// A policy could not be loaded; the vault keeps no rule of it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PolicyError {
    /// A file is missing or cannot be read.
    #[error("{}: the policy file cannot be read; a policy folder holds a readable access.cedar", path.display())]
    Unreadable {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A file holds something that the program will not take.
    #[error("{}:{line}: {problem}", path.display())]
    Refused {
        /// The file.
        path: PathBuf,
        /// The line, counted from 1.
        line: usize,
        /// What is wrong and what to do.
        problem: String,
    },
}

impl PolicyError {
    /// The line that the error is about, counted from 1, if it is about one.
    pub fn line(&self) -> Option<usize> {
        match self {
            Self::Unreadable { .. } => None,
            Self::Refused { line, .. } => Some(*line),
        }
    }
}
