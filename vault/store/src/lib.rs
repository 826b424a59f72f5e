//! A room of the house, not yet furnished.
