//! Finds where a JSON object ends, without reading it: quotes and brackets alone.
//!
//! It is stricter than counting brackets where that tells a broken object from a good one soon, and lenient in everything
//! else, which the real reader judges.

/// Deeper than any card may be, so that the real reader says so, and bounded all the same.
const MAX_DEPTH: usize = 64;

/// What is known after one more byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// The object goes on.
    More,
    /// It ends with this byte.
    Done,
    /// No JSON object goes on like this.
    Broken,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Expect {
    Name,
    Colon,
    Value,
    Comma,
}

/// The state between two bytes.
#[derive(Debug)]
pub(super) struct Scanner {
    open: Vec<u8>,
    expect: Expect,
    in_string: bool,
    escaped: bool,
}

impl Scanner {
    pub(super) fn new() -> Self {
        Self { open: Vec::new(), expect: Expect::Value, in_string: false, escaped: false }
    }

    pub(super) fn step(&mut self, byte: u8) -> Step {
        if self.in_string {
            return self.step_in_string(byte);
        }
        match byte {
            b'"' => self.open_string(),
            b'{' | b'[' => self.open_bracket(byte),
            b'}' | b']' => self.close_bracket(byte),
            b',' => {
                self.expect = if self.open.last() == Some(&b'{') { Expect::Name } else { Expect::Value };
                Step::More
            }
            b':' => {
                self.expect = Expect::Value;
                Step::More
            }
            b' ' | b'\t' | b'\r' | b'\n' => Step::More,
            _ => {
                if self.expect == Expect::Value {
                    self.expect = Expect::Comma;
                }
                Step::More
            }
        }
    }

    fn step_in_string(&mut self, byte: u8) -> Step {
        match byte {
            // JSON strings have no line ends, escaped or not: the closing quote is missing.
            b'\n' | b'\r' => return Step::Broken,
            _ if self.escaped => self.escaped = false,
            b'\\' => self.escaped = true,
            b'"' => self.in_string = false,
            _ => {}
        }
        Step::More
    }

    fn open_string(&mut self) -> Step {
        self.expect = match self.expect {
            Expect::Name => Expect::Colon,
            Expect::Value => Expect::Comma,
            Expect::Colon | Expect::Comma => return Step::Broken,
        };
        self.in_string = true;
        Step::More
    }

    fn open_bracket(&mut self, byte: u8) -> Step {
        if self.expect != Expect::Value || self.open.len() >= MAX_DEPTH {
            return Step::Broken;
        }
        self.open.push(byte);
        self.expect = if byte == b'{' { Expect::Name } else { Expect::Value };
        Step::More
    }

    fn close_bracket(&mut self, byte: u8) -> Step {
        let opened = if byte == b'}' { b'{' } else { b'[' };
        if self.open.pop() != Some(opened) {
            return Step::Broken;
        }
        self.expect = Expect::Comma;
        if self.open.is_empty() { Step::Done } else { Step::More }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The step that ends it and how many bytes it took.
    fn end(text: &str) -> (Step, usize) {
        let mut scanner = Scanner::new();
        for (index, byte) in text.bytes().enumerate() {
            match scanner.step(byte) {
                Step::More => {}
                step => return (step, index + 1),
            }
        }
        (Step::More, text.len())
    }

    #[test]
    fn an_object_ends_at_its_own_bracket() {
        assert_eq!(end(r#"{"a":"}\"]","b":[{},1,true]} {"#), (Step::Done, 28));
        assert_eq!(end("{\n \"a\" :\n {}\n}\n"), (Step::Done, 14));
    }

    #[test]
    fn what_only_the_reader_can_judge_is_passed_on_whole() {
        assert_eq!(end("{a: 1,}").0, Step::Done);
        assert_eq!(end(r#"{"a" 1}"#).0, Step::Done);
    }

    #[test]
    fn an_object_that_cannot_go_on_is_found_at_once() {
        for text in ["{\"a\n", "{\"a\":1]", "{\"a\":{}{", "{\"a\":1,{", "{\"a\"\"", "{{", "[{}\n{"] {
            assert_eq!(end(text), (Step::Broken, text.len()), "{text:?}");
        }
        assert_eq!(end(&"[".repeat(100)), (Step::Broken, 65));
    }
}
