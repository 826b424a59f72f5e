//! A row as bytes.

use diesel::deserialize::{self, FromSql, QueryableByName};
use diesel::pg::Pg;
use diesel::row::{Field as _, NamedRow, Row};
use diesel::sql_types::{BigInt, Binary, Text};
use diesel::sqlite::{Sqlite, SqliteType};
use minicbor::data::Type;
use minicbor::{Decoder, Encoder};

/// Numbers of PostgreSQL's types (`pg_type.dat`).
const OID_BYTEA: u32 = 17;
const OID_BIGINT: u32 = 20;
const OID_TEXT: u32 = 25;

/// A row that was read from either engine, encoded.
pub(super) struct EncodedRow(pub(super) Vec<u8>);

/// One value of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Value<'b> {
    Null,
    Integer(i64),
    Text(&'b str),
    Bytes(&'b [u8]),
}

/// The bytes are not rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("what should be a row of {columns} columns is none, or holds something else than this table does")]
pub struct RowError {
    /// How many columns were expected.
    pub columns: usize,
}

impl QueryableByName<Sqlite> for EncodedRow {
    fn build<'a>(row: &impl NamedRow<'a, Sqlite>) -> deserialize::Result<Self> {
        encoded(row.field_count(), |column| {
            let field = Row::get(row, column).ok_or("a column is missing")?;
            let Some(value) = field.value() else { return Ok(Owned::Null) };
            Ok(match value.value_type() {
                Some(SqliteType::Binary) => Owned::Bytes(FromSql::<Binary, Sqlite>::from_sql(value)?),
                Some(SqliteType::Text) => Owned::Text(FromSql::<Text, Sqlite>::from_sql(value)?),
                Some(SqliteType::Long) => Owned::Integer(FromSql::<BigInt, Sqlite>::from_sql(value)?),
                _ => return Err("a column holds what none of our tables does".into()),
            })
        })
    }
}

impl QueryableByName<Pg> for EncodedRow {
    fn build<'a>(row: &impl NamedRow<'a, Pg>) -> deserialize::Result<Self> {
        encoded(row.field_count(), |column| {
            let field = Row::get(row, column).ok_or("a column is missing")?;
            let Some(value) = field.value() else { return Ok(Owned::Null) };
            Ok(match value.get_oid().get() {
                OID_BYTEA => Owned::Bytes(FromSql::<Binary, Pg>::from_sql(value)?),
                OID_TEXT => Owned::Text(FromSql::<Text, Pg>::from_sql(value)?),
                OID_BIGINT => Owned::Integer(FromSql::<BigInt, Pg>::from_sql(value)?),
                _ => return Err("a column holds what none of our tables does".into()),
            })
        })
    }
}

enum Owned {
    Null,
    Integer(i64),
    Text(String),
    Bytes(Vec<u8>),
}

fn encoded(columns: usize, value: impl Fn(usize) -> deserialize::Result<Owned>) -> deserialize::Result<EncodedRow> {
    let mut encoder = Encoder::new(Vec::with_capacity(256));
    encoder.array(u64::try_from(columns)?)?;
    for column in 0..columns {
        match value(column)? {
            Owned::Null => encoder.null()?,
            Owned::Integer(number) => encoder.i64(number)?,
            Owned::Text(text) => encoder.str(&text)?,
            Owned::Bytes(bytes) => encoder.bytes(&bytes)?,
        };
    }
    Ok(EncodedRow(encoder.into_writer()))
}

/// The rows of a part of a table, each with this many columns.
pub(super) fn decoded(bytes: &[u8], columns: usize) -> Result<Vec<Vec<Value<'_>>>, RowError> {
    let wrong = |_| RowError { columns };
    let mut decoder = Decoder::new(bytes);
    let mut rows = Vec::new();
    while decoder.position() < bytes.len() {
        if decoder.array().map_err(wrong)? != u64::try_from(columns).ok() {
            return Err(RowError { columns });
        }
        rows.push((0..columns).map(|_| value(&mut decoder)).collect::<Result<_, _>>().map_err(wrong)?);
    }
    Ok(rows)
}

fn value<'b>(decoder: &mut Decoder<'b>) -> Result<Value<'b>, minicbor::decode::Error> {
    Ok(match decoder.datatype()? {
        Type::Null => {
            decoder.null()?;
            Value::Null
        }
        Type::Bytes => Value::Bytes(decoder.bytes()?),
        Type::String => Value::Text(decoder.str()?),
        _ => Value::Integer(decoder.i64()?),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_comes_back_as_it_was_and_what_is_none_is_refused() {
        let row = encoded(5, |column| {
            Ok(match column {
                0 => Owned::Null,
                1 => Owned::Integer(i64::MIN),
                2 => Owned::Text("Zoë".to_owned()),
                3 => Owned::Bytes(vec![0, 255]),
                _ => Owned::Integer(i64::MAX),
            })
        });
        let two = row.unwrap().0.repeat(2);
        let wanted = vec![
            Value::Null,
            Value::Integer(i64::MIN),
            Value::Text("Zoë"),
            Value::Bytes(&[0, 255]),
            Value::Integer(i64::MAX),
        ];
        assert_eq!(decoded(&two, 5).unwrap(), vec![wanted.clone(), wanted]);
        assert_eq!(decoded(&[], 5).unwrap(), Vec::<Vec<Value<'_>>>::new());
        for (bytes, columns) in [(two.as_slice(), 4), (&two[..two.len() - 1], 5), (b"{}", 1), (&[0x81, 0xf9, 0, 0], 1)]
        {
            assert_eq!(decoded(bytes, columns), Err(RowError { columns }), "{bytes:?}");
        }
    }
}
