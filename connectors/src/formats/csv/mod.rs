//! x
mod date_cursor;
mod dates;
mod field;
mod moments;
