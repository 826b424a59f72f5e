//! Imports: how far one is.

use super::text_enum::text_enum;

text_enum! {
    /// How far an import is.
    ImportState, "a state of an import" {
        /// Begun, and neither finished nor undone: the same import goes on.
        Unfinished = "unfinished",
        /// The source was read to its end.
        Finished = "finished",
        /// Taken back.
        Undone = "undone",
    }
}
