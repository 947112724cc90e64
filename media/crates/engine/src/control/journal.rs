//! The last events, numbered, so that a client that comes back misses none.

use std::collections::VecDeque;

use serde_json::{Map, Value};

/// Events kept for clients that come back.
pub const MAX_EVENTS: usize = 65_536;
/// Bytes of events kept.
pub const MAX_BYTES: usize = 32 * 1024 * 1024;

/// A ring of finished event lines; numbers start at 1 and have no holes.
#[derive(Debug, Default)]
pub struct Journal {
    lines: VecDeque<Box<str>>,
    bytes: usize,
    last: u64,
}

impl Journal {
    /// Number of the newest event; 0 before the first.
    pub fn last(&self) -> u64 {
        self.last
    }

    /// Number of the oldest event still kept.
    pub fn first(&self) -> u64 {
        self.last + 1 - self.lines.len() as u64
    }

    /// Numbers an event and keeps it; returns its number.
    pub fn append(&mut self, event: &'static str, fields: Value) -> u64 {
        self.last += 1;
        let mut line = Map::new();
        line.insert("event".into(), Value::from(event));
        line.insert("seq".into(), Value::from(self.last));
        if let Value::Object(fields) = fields {
            line.extend(fields);
        }
        let mut text = Value::Object(line).to_string();
        text.push('\n');
        self.bytes += text.len();
        self.lines.push_back(text.into_boxed_str());
        while self.lines.len() > MAX_EVENTS || self.bytes > MAX_BYTES {
            let Some(old) = self.lines.pop_front() else { break };
            self.bytes -= old.len();
        }
        self.last
    }

    /// The line with this number, when it is still kept.
    pub fn get(&self, seq: u64) -> Option<&str> {
        let index = seq.checked_sub(self.first())?;
        self.lines.get(usize::try_from(index).ok()?).map(|line| &**line)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn numbers_have_no_holes_and_old_lines_leave() {
        let mut journal = Journal::default();
        for n in 0..(MAX_EVENTS as u64 + 10) {
            assert_eq!(journal.append("tick", json!({"n": n})), n + 1);
        }
        assert_eq!(journal.first(), 11);
        assert_eq!(journal.get(10), None);
        assert!(journal.get(11).unwrap().contains("\"n\":10"));
        assert_eq!(journal.get(journal.last() + 1), None);
    }

    #[test]
    fn an_empty_journal_has_nothing() {
        let journal = Journal::default();
        assert_eq!((journal.first(), journal.last(), journal.get(0)), (1, 0, None));
        assert_eq!(journal.get(1), None);
    }

    #[test]
    fn memory_is_bounded_by_bytes_too() {
        let mut journal = Journal::default();
        let text = "x".repeat(1024 * 1024);
        for _ in 0..40 {
            journal.append("big", json!({"text": text}));
        }
        assert!(journal.bytes <= MAX_BYTES && journal.lines.len() < 40);
    }
}
