//! Cuts a byte stream into lines, without trusting the sender.

/// Longest accepted request, in bytes, without its newline.
pub const MAX_LINE: usize = 256 * 1024;

/// One finding of the cutter.
#[derive(Debug, PartialEq, Eq)]
pub enum Line {
    Text(String),
    /// Longer than [`MAX_LINE`]; it was skipped up to its newline.
    TooLong,
    NotUtf8,
}

/// Collects bytes until a newline; keeps at most [`MAX_LINE`] of them.
#[derive(Debug, Default)]
pub struct LineCutter {
    pending: Vec<u8>,
    skipping: bool,
}

impl LineCutter {
    /// Takes bytes and hands each finished line to `found`. Empty lines are left out.
    pub fn feed(&mut self, bytes: &[u8], mut found: impl FnMut(Line)) {
        let mut rest = bytes;
        while let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
            self.take(&rest[..end], &mut found);
            rest = &rest[end + 1..];
            self.finish(&mut found);
        }
        self.take(rest, &mut found);
    }

    fn take(&mut self, part: &[u8], found: &mut impl FnMut(Line)) {
        if self.skipping {
            return;
        }
        if self.pending.len() + part.len() > MAX_LINE {
            self.pending = Vec::new();
            self.skipping = true;
            found(Line::TooLong);
            return;
        }
        self.pending.extend_from_slice(part);
    }

    fn finish(&mut self, found: &mut impl FnMut(Line)) {
        if std::mem::take(&mut self.skipping) {
            return;
        }
        let mut line = std::mem::take(&mut self.pending);
        if line.last() == Some(&b'\r') {
            line.pop();
        }
        if line.is_empty() {
            return;
        }
        found(String::from_utf8(line).map_or(Line::NotUtf8, Line::Text));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(pieces: &[&[u8]]) -> Vec<Line> {
        let mut cutter = LineCutter::default();
        let mut lines = Vec::new();
        for piece in pieces {
            cutter.feed(piece, |line| lines.push(line));
        }
        lines
    }

    #[test]
    fn lines_may_come_in_pieces_and_several_at_once() {
        let lines = cut(&[b"{\"a\"", b":1}\n{}\r\n\n{", b"}\n"]);
        let texts: Vec<_> = ["{\"a\":1}", "{}", "{}"].map(|t| Line::Text(t.into())).into();
        assert_eq!(lines, texts);
    }

    #[test]
    fn an_oversize_line_is_reported_once_and_skipped_to_its_end() {
        let long = vec![b'x'; MAX_LINE];
        assert_eq!(cut(&[&long, b"y", &long, b"\nok\n"]), [Line::TooLong, Line::Text("ok".into())]);
    }

    #[test]
    fn a_line_of_exactly_the_cap_is_taken() {
        let long = vec![b'x'; MAX_LINE];
        assert!(matches!(&cut(&[&long, b"\n"])[..], [Line::Text(text)] if text.len() == MAX_LINE));
    }

    #[test]
    fn bytes_that_are_not_utf8_are_reported_and_the_next_line_is_read() {
        assert_eq!(cut(&[b"\xff\xfe\n{}\n"]), [Line::NotUtf8, Line::Text("{}".into())]);
    }
}
