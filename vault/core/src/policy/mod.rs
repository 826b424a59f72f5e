//! Who may do what, and on which grounds.
