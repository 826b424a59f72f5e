//! Which column is what: found, said by a person, stored with the import, shown, saved and used again.
//!
//! As text it is TOML, and the same mapping always gives the same text. Names of columns are in it, and never a value of a row.

use std::fmt;

use carnet_core::intake::Status;
use serde::{Deserialize, Serialize};

use super::dates::DateOrder;
use super::field::{Field, UnknownField};
use super::headers::key;
use super::moments::Zone;
use super::presets::Preset;
use super::words::Words;

/// What the columns of a file are, and how their values are read.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Mapping {
    /// The export that was recognised.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preset: Option<String>,
    /// The zone of times that have none, on somebody's word.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub zone: Option<Zone>,
    /// What all rows of the file are; a stricter status of a row counts instead.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<Status>,
    /// Whether a confirmation counts only if it is later than a sign-up, because the source sets it for imports too.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub confirmed_after_sign_up: bool,
    /// Words of the file's own.
    #[serde(skip_serializing_if = "Words::is_empty")]
    pub words: Words,
    /// The columns.
    #[serde(rename = "column", skip_serializing_if = "Vec::is_empty")]
    pub columns: Vec<Column>,
}

/// What one column is.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Column {
    /// Its head; `column 3` if it has none.
    pub name: String,
    /// What it is; `None` keeps its values in the card under its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<Field>,
    /// Somebody has said that it is kept, and is no field.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub keep: bool,
    /// Which of two numbers is the day in its dates, if it is settled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order: Option<DateOrder>,
    /// The zone of its times, if it is another than that of the file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zone: Option<Zone>,
}

/// What somebody says about one column, such as `--map COLUMN=FIELD`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Override {
    /// The head of the column, or `#3` for the third.
    pub column: String,
    /// What it is; `None` keeps its values in the card.
    pub field: Option<Field>,
}

/// A mapping does not read, or does not fit the file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MappingError {
    /// No `=`.
    #[error("expected COLUMN=FIELD, such as \"Sign-up date=consent.given-at\"")]
    NoEquals,
    /// Not a field.
    #[error("{found} is not a field; expected keep, ignore, or one of {}", known_fields())]
    UnknownField {
        /// What stands there.
        found: String,
    },
    /// No such column.
    #[error("the file has no column {column}; it has {}", columns.join(", "))]
    NoSuchColumn {
        /// The column that was named.
        column: String,
        /// Those of the file.
        columns: Vec<String>,
    },
    /// Two columns are a field that only one can be.
    #[error("the columns {first} and {second} cannot both be {field}; map one of them to keep")]
    Twice {
        /// The field.
        field: Field,
        /// One column.
        first: String,
        /// The other.
        second: String,
    },
    /// Not the text of a mapping.
    #[error("the mapping cannot be read: {0}")]
    Text(String),
}

fn known_fields() -> String {
    Field::all().map(Field::as_str).collect::<Vec<_>>().join(", ")
}

impl std::str::FromStr for Override {
    type Err = MappingError;

    /// Reads `COLUMN=FIELD`; the last `=` counts, because a head may have one.
    fn from_str(text: &str) -> Result<Self, MappingError> {
        let (column, field) = text.rsplit_once('=').ok_or(MappingError::NoEquals)?;
        let (column, field) = (column.trim(), field.trim());
        if column.is_empty() {
            return Err(MappingError::NoEquals);
        }
        let field = match field {
            "keep" => None,
            word => {
                Some(word.parse().map_err(|_: UnknownField| MappingError::UnknownField { found: word.to_owned() })?)
            }
        };
        Ok(Self { column: column.to_owned(), field })
    }
}

impl Mapping {
    /// Reads the text of a mapping.
    ///
    /// # Errors
    /// [`MappingError::Text`] with the line, and [`MappingError::Twice`].
    pub fn from_text(text: &str) -> Result<Self, MappingError> {
        let mapping: Self = toml::from_str(text).map_err(|error| MappingError::Text(error.to_string()))?;
        mapping.checked()
    }

    /// The mapping as text; the same mapping always gives the same.
    ///
    /// # Errors
    /// [`MappingError::Text`], which no mapping is known to cause.
    pub fn to_text(&self) -> Result<String, MappingError> {
        toml::to_string(self).map_err(|error| MappingError::Text(error.to_string()))
    }

    /// Columns that nothing is known of. Their values are kept in the card.
    pub fn unmapped(&self) -> impl Iterator<Item = &str> {
        self.columns.iter().filter(|column| column.field.is_none()).map(|column| column.name.as_str())
    }

    /// Changes what somebody says. A column that only one can be takes the field from the one that had it.
    ///
    /// # Errors
    /// [`MappingError::NoSuchColumn`], or [`MappingError::Twice`] if two overrides contradict each other.
    pub fn with(mut self, overrides: &[Override]) -> Result<Self, MappingError> {
        let mut said = vec![false; self.columns.len()];
        for change in overrides {
            let place = self.place(&change.column)?;
            for (index, column) in self.columns.iter_mut().enumerate() {
                let loses = change.field.is_some_and(|field| !field.may_repeat()) && column.field == change.field;
                if index == place {
                    column.field = change.field;
                    column.keep = change.field.is_none();
                } else if loses && said.get(index) == Some(&false) {
                    column.field = None;
                }
            }
            said.iter_mut().skip(place).take(1).for_each(|said| *said = true);
        }
        self.checked()
    }

    /// The same mapping for the columns of a file, in their order.
    ///
    /// A column that the mapping does not name is kept in the card.
    ///
    /// # Errors
    /// [`MappingError::NoSuchColumn`] if the file lacks one that the mapping reads.
    pub(super) fn for_heads(&self, heads: &[String]) -> Result<Self, MappingError> {
        let mut rest: Vec<Option<&Column>> = self.columns.iter().map(Some).collect();
        let mut take = |head: &String, same: fn(&str, &str) -> bool| {
            let found = rest.iter_mut().find(|column| column.is_some_and(|column| same(&column.name, head)))?;
            found.take()
        };
        let columns = heads
            .iter()
            .map(|head| {
                let known = take(head, |one, other| one == other)
                    .or_else(|| take(head, |one, other| !key(one).is_empty() && key(one) == key(other)));
                let unknown = || Column { name: head.clone(), ..Column::default() };
                known.map_or_else(unknown, |column| Column { name: head.clone(), ..column.clone() })
            })
            .collect();
        let read = |column: &&Column| column.field.is_some_and(|field| field != Field::Ignore);
        if let Some(missing) = rest.into_iter().flatten().find(read) {
            return Err(MappingError::NoSuchColumn { column: missing.name.clone(), columns: heads.to_vec() });
        }
        Ok(Self { columns, ..self.clone() })
    }

    fn place(&self, column: &str) -> Result<usize, MappingError> {
        let number = column.strip_prefix('#').and_then(|number| number.parse::<usize>().ok());
        let by_number = number.and_then(|number| number.checked_sub(1)).filter(|index| *index < self.columns.len());
        let find = |same: &dyn Fn(&Column) -> bool| self.columns.iter().position(same);
        by_number
            .or_else(|| find(&|known| known.name == column))
            .or_else(|| find(&|known| !key(column).is_empty() && key(&known.name) == key(column)))
            .ok_or_else(|| MappingError::NoSuchColumn {
                column: column.to_owned(),
                columns: self.columns.iter().map(|column| column.name.clone()).collect(),
            })
    }

    fn checked(self) -> Result<Self, MappingError> {
        for (index, column) in self.columns.iter().enumerate() {
            let Some(field) = column.field.filter(|field| !field.may_repeat()) else { continue };
            if let Some(first) = self.columns.iter().take(index).find(|first| first.field == column.field) {
                let (first, second) = (first.name.clone(), column.name.clone());
                return Err(MappingError::Twice { field, first, second });
            }
        }
        Ok(self)
    }
}

/// For people: each column and what it becomes.
impl fmt::Display for Mapping {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(preset) = &self.preset {
            writeln!(f, "recognised: {}", Preset::named(preset).map_or(preset.as_str(), |preset| &preset.title))?;
        }
        if let Some(status) = self.status {
            writeln!(f, "every row: {status}")?;
        }
        let width = self.columns.iter().map(|column| column.name.chars().count()).max().unwrap_or_default().min(40);
        for column in &self.columns {
            let field = column.field.map_or("not known; kept in the card", Field::as_str);
            write!(f, "{:width$}  {field}", column.name)?;
            match column.order {
                Some(DateOrder::DayFirst) => f.write_str(", day first")?,
                Some(DateOrder::MonthFirst) => f.write_str(", month first")?,
                None => {}
            }
            let is_time = column.field.is_some_and(|field| field.is_date() && field != Field::Birth);
            if let Some(zone) = column.zone.as_ref().or(self.zone.as_ref()).filter(|_| is_time) {
                write!(f, ", in {zone} unless a time says otherwise")?;
            }
            writeln!(f)?;
        }
        Ok(())
    }
}

#[cfg(test)]
#[path = "mapping_tests.rs"]
mod tests;
