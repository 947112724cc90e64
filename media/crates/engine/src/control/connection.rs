//! One client of the control socket: its bytes in, its bytes out, its place in the journal.

use std::io::{self, ErrorKind, Read, Write};
use std::net::TcpStream;
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::UnixStream;

use super::journal::Journal;
use super::lines::{Line, LineCutter};

/// Events are held back while this many bytes wait for a slow client; they stay in the journal.
const EVENTS_PAUSE_AT: usize = 256 * 1024;
/// A client that asks but does not read replies is cut off at this many waiting bytes.
const MAX_WAITING: usize = 16 * 1024 * 1024;
/// Bytes read from one client before the others get their turn.
const READ_AT_ONCE: usize = 64 * 1024;

#[derive(Debug)]
pub enum Stream {
    Unix(UnixStream),
    Tcp(TcpStream),
}

impl Stream {
    pub fn set_nonblocking(&self) -> io::Result<()> {
        match self {
            Stream::Unix(stream) => stream.set_nonblocking(true),
            Stream::Tcp(stream) => stream.set_nonblocking(true),
        }
    }

    pub fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Stream::Unix(stream) => stream.read(buffer),
            Stream::Tcp(stream) => stream.read(buffer),
        }
    }

    pub fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        match self {
            Stream::Unix(stream) => stream.write(buffer),
            Stream::Tcp(stream) => stream.write(buffer),
        }
    }
}

impl AsFd for Stream {
    fn as_fd(&self) -> BorrowedFd<'_> {
        match self {
            Stream::Unix(stream) => stream.as_fd(),
            Stream::Tcp(stream) => stream.as_fd(),
        }
    }
}

#[derive(Debug)]
pub struct Connection {
    pub stream: Stream,
    /// Tells connections apart for the answers of workers.
    pub number: u64,
    cutter: LineCutter,
    waiting: Vec<u8>,
    written: usize,
    /// Number of the next event to send, when the client subscribed.
    next_event: Option<u64>,
}

impl Connection {
    pub fn new(stream: Stream, number: u64) -> Self {
        let cutter = LineCutter::default();
        Connection { stream, number, cutter, waiting: Vec::new(), written: 0, next_event: None }
    }

    /// Reads what is there; `Ok(false)` at the end of the stream.
    pub fn read(&mut self, lines: &mut Vec<Line>) -> io::Result<bool> {
        let mut buffer = [0u8; 16 * 1024];
        let mut total = 0;
        while total < READ_AT_ONCE {
            match self.stream.read(&mut buffer) {
                Ok(0) => return Ok(false),
                Ok(n) => {
                    total += n;
                    self.cutter.feed(&buffer[..n], |line| lines.push(line));
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(true)
    }

    pub fn push_line(&mut self, text: &str) {
        self.waiting.extend_from_slice(text.as_bytes());
        self.waiting.push(b'\n');
    }

    pub fn subscribe(&mut self, next_event: u64) {
        self.next_event = Some(next_event);
    }

    pub fn subscribed(&self) -> bool {
        self.next_event.is_some()
    }

    /// The connection leaves the control channel; what its client has not got yet goes with it.
    pub fn into_stream(mut self) -> (Stream, Vec<u8>) {
        (self.stream, self.waiting.split_off(self.written))
    }

    pub fn wants_write(&self) -> bool {
        self.written < self.waiting.len()
    }

    /// Takes events from the journal and writes what the socket takes.
    pub fn flush(&mut self, journal: &Journal) -> io::Result<()> {
        loop {
            let more = self.take_events(journal);
            self.write_waiting()?;
            if !more || self.wants_write() {
                break;
            }
        }
        if self.waiting.len() - self.written > MAX_WAITING {
            return Err(io::Error::other("the client does not read"));
        }
        Ok(())
    }

    fn take_events(&mut self, journal: &Journal) -> bool {
        let Some(mut next) = self.next_event else { return false };
        if next < journal.first() {
            let gap = serde_json::json!({
                "event": "events.lost", "seq": journal.first() - 1,
                "from": next, "to": journal.first() - 1,
            });
            self.push_line(&gap.to_string());
            next = journal.first();
        }
        while self.waiting.len() - self.written < EVENTS_PAUSE_AT {
            let Some(line) = journal.get(next) else { break };
            self.waiting.extend_from_slice(line.as_bytes());
            next += 1;
        }
        self.next_event = Some(next);
        next <= journal.last()
    }

    fn write_waiting(&mut self) -> io::Result<()> {
        while self.wants_write() {
            match self.stream.write(&self.waiting[self.written..]) {
                Ok(0) => return Err(ErrorKind::WriteZero.into()),
                Ok(n) => self.written += n,
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        if !self.wants_write() {
            self.waiting.clear();
            self.written = 0;
        } else if self.written > EVENTS_PAUSE_AT {
            self.waiting.drain(..self.written);
            self.written = 0;
        }
        Ok(())
    }
}
