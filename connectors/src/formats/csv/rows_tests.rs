use std::io;

use super::*;

const WIDTH: Width = Width { least: 3, most: 3 };

fn rows_of<R: Read>(input: R, width: Width) -> Rows<R> {
    let mut rows = Rows::new(input);
    rows.set_width(width);
    rows
}

/// Rows as text, and rejects as line, column and reason.
fn all(text: &str, width: Width) -> Vec<String> {
    let mut rows = rows_of(text.as_bytes(), width);
    let mut found = Vec::new();
    while let Some(row) = rows.advance() {
        found.push(match row {
            Ok(()) => String::from_utf8(rows.row().0.to_vec()).unwrap(),
            Err(reject) => {
                let raw = reject.raw.map(|raw| String::from_utf8_lossy(&raw).into_owned());
                format!("{}:{} {:?} {:?}", reject.line, reject.column, reject.reason, raw.unwrap_or_default())
            }
        });
    }
    found
}

#[test]
fn an_open_quote_costs_its_line_alone() {
    let text = "a,b,c\nd,\"e,f\ng,h,i\nj,\"k\",l\nm,n,o\n";
    let expected = ["a,b,c", "2:3 Quotes \"d,\\\"e,f\"", "g,h,i", "j,\"k\",l", "m,n,o"];
    assert_eq!(all(text, WIDTH), expected);
    let to_the_end = "a,b,c\nd,\"e,f\ng,h,i\n";
    assert_eq!(all(to_the_end, WIDTH), ["a,b,c", "2:3 Quotes \"d,\\\"e,f\"", "g,h,i"]);
}

#[test]
fn a_quote_that_swallows_whole_rows_and_closes_by_chance_is_found_by_its_cells() {
    let text = "d,\"e,f\ng,h,i\nj,\"\nm,n,o\n";
    let found = all(text, WIDTH);
    assert_eq!(found[0], "1:3 Quotes \"d,\\\"e,f\"");
    assert!(found.contains(&"g,h,i".to_owned()) && found.contains(&"m,n,o".to_owned()), "{found:?}");
}

#[test]
fn ragged_rows_are_told_and_blank_ones_passed_over() {
    let text = "a,b\n\n,,\na,b,c,,\na,b,c,d\r\n \ra,b,c";
    let expected = [
        "1:4 Fields { expected: 3, found: 2 } \"a,b\"",
        "a,b,c,,",
        "5:7 Fields { expected: 3, found: 4 } \"a,b,c,d\"",
        "a,b,c",
    ];
    assert_eq!(all(text, WIDTH), expected);
}

#[test]
fn zero_bytes_and_other_encodings_are_told_by_their_place() {
    let mut rows = rows_of(&b"a,\0,c\na,b\xe9,c\nx,y,z\n"[..], WIDTH);
    let zero = rows.advance().unwrap().unwrap_err();
    assert_eq!((zero.line, zero.column, zero.reason), (1, 3, RejectReason::ZeroByte));
    let not_text = rows.advance().unwrap().unwrap_err();
    assert_eq!((not_text.line, not_text.column, not_text.reason), (2, 4, RejectReason::NotUtf8));
    assert!(rows.advance().unwrap().is_ok());
}

#[test]
fn a_cell_of_ten_megabytes_costs_its_row_alone() {
    for large in ["x".repeat(10 << 20), format!("\"{}\"", "line of a note\n".repeat(700_000))] {
        let lines = large.matches('\n').count();
        let text = format!("a,b,c\nd,{large},f\ng,h,i\n");
        let mut rows = rows_of(text.as_bytes(), WIDTH);
        assert!(rows.advance().unwrap().is_ok());
        let reject = rows.advance().unwrap().unwrap_err();
        assert_eq!(
            (reject.line, reject.reason, reject.raw),
            (2, RejectReason::TooLarge { limit: MAX_ROW_BYTES }, None)
        );
        assert!(rows.advance().unwrap().is_ok());
        assert_eq!((rows.row().0, rows.row().2), (&b"g,h,i"[..], 3 + lines));
        assert!(rows.advance().is_none() && rows.window.capacity() < 8 * MAX_ROW_BYTES);
    }
}

#[test]
fn an_open_quote_before_a_megabyte_of_rows_costs_its_line_alone() {
    let text = format!("d,\"e,f\n{}", "g,h,i\n".repeat(400_000));
    let mut rows = rows_of(text.as_bytes(), WIDTH);
    assert_eq!(rows.advance().unwrap().unwrap_err().reason, RejectReason::Quotes);
    let mut count = 0;
    while let Some(row) = rows.advance() {
        row.unwrap();
        count += 1;
    }
    assert_eq!(count, 400_000);
}

#[test]
fn lines_that_all_leave_a_quote_open_take_no_longer_than_others() {
    let text = "x\",\"\n".repeat(200_000);
    let started = std::time::Instant::now();
    let mut rows = rows_of(text.as_bytes(), WIDTH);
    let mut count = 0;
    while rows.advance().is_some() {
        count += 1;
    }
    assert!(count >= 1_000, "{count}");
    assert!(started.elapsed().as_secs() < 60, "each line was read again for each line before it");
}

struct Breaks(io::Cursor<Vec<u8>>);

impl Read for Breaks {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self.0.read(buffer)? {
            0 => Err(io::ErrorKind::ConnectionReset.into()),
            bytes => Ok(bytes),
        }
    }
}

#[test]
fn what_is_cut_by_a_failure_is_no_contact() {
    let mut rows = rows_of(Breaks(io::Cursor::new(b"a,b,c\nd,e,f".to_vec())), WIDTH);
    assert!(rows.advance().unwrap().is_ok());
    let reject = rows.advance().unwrap().unwrap_err();
    assert_eq!(reject.reason, RejectReason::Unreadable(io::ErrorKind::ConnectionReset));
    assert_eq!((reject.line, reject.raw.as_deref()), (2, Some(&b"d,e,f"[..])));
    assert!(rows.advance().is_none());
}
