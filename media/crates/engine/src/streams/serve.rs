//! The streams thread: the connections of taps and pushed streams.

use std::io::ErrorKind;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, TryRecvError, channel};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::net::sockopt::set_socket_send_buffer_size;

use super::Half;
use super::frame::{self, Read};
use super::push::In;
use super::tap::{Out, Step};
use crate::control::connection::Stream;
use crate::outbox::Bell;

/// Streams at once.
const MAX_STREAMS: usize = 512;
/// Bytes that the kernel keeps for a client that reads slowly: half a second of both sides at 16 kHz.
const SEND_BUFFER: usize = 32 * 1024;
/// Bytes read from a client at once.
const READ: usize = 16 * 1024;
/// Bytes of a client's frames that were read but have no room yet: the longest frame and what was read with it.
const MAX_UNREAD: usize = READ + frame::HEADER + u16::MAX as usize;
/// Bytes for a client that its connection does not take yet; more steps wait in their ring.
const MAX_UNWRITTEN: usize = 16 * 1024;
/// How often a stream that waits for room looks again.
const LOOK_AGAIN: Timespec = Timespec { tv_sec: 0, tv_nsec: 10_000_000 };

/// A connection on its way to the thread, with the bytes that its client has not got yet.
#[derive(Debug)]
pub struct Attached {
    pub stream: Stream,
    pub half: Half,
    pub unwritten: Vec<u8>,
}

/// Where the control thread leaves connections.
#[derive(Debug)]
pub struct Streams {
    sender: Sender<Attached>,
    pub bell: Bell,
    open: Arc<AtomicUsize>,
}

impl Streams {
    pub fn start() -> std::io::Result<Streams> {
        let (sender, arrivals) = channel();
        let bell = Bell::new()?;
        let open = Arc::<AtomicUsize>::default();
        let mut thread =
            Thread { arrivals, bell: bell.clone(), lines: Vec::new(), open: open.clone() };
        std::thread::Builder::new().name("streams".into()).spawn(move || thread.run())?;
        Ok(Streams { sender, bell, open })
    }

    pub fn is_full(&self) -> bool {
        self.open.load(Ordering::Relaxed) >= MAX_STREAMS
    }

    pub fn attach(&self, attached: Attached) {
        let _ = set_socket_send_buffer_size(&attached.stream, SEND_BUFFER);
        self.open.fetch_add(1, Ordering::Relaxed);
        let _ = self.sender.send(attached);
        self.bell.ring();
    }
}

impl Drop for Streams {
    fn drop(&mut self) {
        // The thread sees that nobody can attach any more, and ends with its last stream.
        let (closed, _) = channel();
        self.sender = closed;
        self.bell.ring();
    }
}

#[derive(Debug, PartialEq, Eq)]
enum State {
    Open,
    /// The last bytes are on their way.
    Closing,
    Gone,
}

struct Line {
    stream: Stream,
    half: Half,
    unwritten: Vec<u8>,
    unread: Vec<u8>,
    /// Samples that were read from frames but found no room.
    samples: Vec<i16>,
    said_all: bool,
    state: State,
}

struct Thread {
    arrivals: Receiver<Attached>,
    bell: Bell,
    lines: Vec<Line>,
    open: Arc<AtomicUsize>,
}

impl Thread {
    fn run(&mut self) {
        loop {
            self.wait();
            self.bell.hush();
            let closed = loop {
                match self.arrivals.try_recv() {
                    Ok(attached) => self.lines.push(Line::new(attached)),
                    Err(error) => break error == TryRecvError::Disconnected,
                }
            };
            for line in &mut self.lines {
                line.turn();
            }
            let before = self.lines.len();
            self.lines.retain(|line| line.state != State::Gone);
            self.open.fetch_sub(before - self.lines.len(), Ordering::Relaxed);
            if closed && self.lines.is_empty() {
                break;
            }
        }
    }

    fn wait(&self) {
        let mut fds = Vec::with_capacity(self.lines.len() + 1);
        fds.push(PollFd::new(self.bell.fd(), PollFlags::IN));
        fds.extend(self.lines.iter().map(|line| PollFd::new(&line.stream, line.waits_for())));
        let waits_for_room = self.lines.iter().any(Line::waits_for_room);
        let _ = poll(&mut fds, waits_for_room.then_some(&LOOK_AGAIN));
    }
}

impl Line {
    fn new(attached: Attached) -> Line {
        let Attached { stream, half, unwritten } = attached;
        let (unread, samples) = (Vec::new(), Vec::new());
        Line { stream, half, unwritten, unread, samples, said_all: false, state: State::Open }
    }

    fn waits_for_room(&self) -> bool {
        !self.samples.is_empty() || self.said_all
    }

    fn waits_for(&self) -> PollFlags {
        let mut flags = PollFlags::empty();
        if !self.unwritten.is_empty() {
            flags |= PollFlags::OUT;
        }
        if !self.waits_for_room() {
            flags |= PollFlags::IN;
        }
        flags
    }

    fn turn(&mut self) {
        if !self.waits_for_room() && self.state == State::Open {
            self.read();
        }
        self.write();
        match self.half {
            Half::Tap(_) => self.tell(),
            Half::Push(_) if self.state == State::Open => self.push(),
            Half::Push(_) => {}
        }
        self.write();
        if self.state == State::Closing && self.unwritten.is_empty() {
            self.state = State::Gone;
        }
    }

    fn read(&mut self) {
        let mut buffer = [0u8; READ];
        match self.stream.read(&mut buffer) {
            // A client of a tap that says no more is gone; one that pushes has said all.
            Ok(0) if matches!(self.half, Half::Tap(_)) => self.state = State::Gone,
            Ok(0) => self.said_all = true,
            Ok(count) if matches!(self.half, Half::Push(_)) => {
                self.unread.extend_from_slice(&buffer[..count]);
            }
            Ok(_) => {}
            Err(error)
                if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted) => {}
            Err(_) => self.state = State::Gone,
        }
    }

    /// Hands on the steps that wait, as far as the connection takes them.
    fn tell(&mut self) {
        while self.state == State::Open && self.unwritten.is_empty() {
            let Half::Tap(out) = &self.half else { return };
            if drain(out, &mut self.unwritten) {
                frame::write_end(&mut self.unwritten);
                self.state = State::Closing;
            }
            if self.unwritten.is_empty() {
                return;
            }
            self.write();
        }
    }

    fn push(&mut self) {
        let Half::Push(input) = &mut self.half else { return };
        if input.is_over() || !give(input, &mut self.samples) {
            self.state = State::Closing;
            frame::write_end(&mut self.unwritten);
            return;
        }
        let mut used = 0;
        while self.samples.is_empty() && !self.said_all {
            let samples = &mut self.samples;
            match frame::read(&self.unread[used..], |sample| samples.push(sample)) {
                Ok((Read::Audio, count)) => used += count,
                Ok((Read::End, count)) => {
                    used += count;
                    self.said_all = true;
                }
                Ok((Read::Incomplete, _)) => break,
                Err(frame::Malformed(reason)) => {
                    crate::log::warning("A pushed stream is cut.", &[("reason", reason.into())]);
                    self.said_all = true;
                }
            }
            give(input, &mut self.samples);
        }
        self.unread.drain(..used);
        debug_assert!(self.unread.len() <= MAX_UNREAD);
        if self.said_all && self.samples.is_empty() && input.finish() {
            frame::write_end(&mut self.unwritten);
            self.state = State::Closing;
        }
    }

    fn write(&mut self) {
        while !self.unwritten.is_empty() {
            match self.stream.write(&self.unwritten) {
                Ok(0) => self.state = State::Gone,
                Ok(count) => drop(self.unwritten.drain(..count)),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(_) => self.state = State::Gone,
            }
            if self.state == State::Gone {
                break;
            }
        }
    }
}

/// Gives samples to the play as far as it has room; false when the play is over.
fn give(input: &mut In, samples: &mut Vec<i16>) -> bool {
    if samples.is_empty() || !input.has_room() {
        return true;
    }
    match input.take(samples) {
        Some(taken) => {
            samples.drain(..taken);
            true
        }
        None => false,
    }
}

/// Frames of the steps that wait, as many as the client's connection may take soon; true when the tap is over.
fn drain(out: &Out, bytes: &mut Vec<u8>) -> bool {
    while bytes.len() < MAX_UNWRITTEN {
        match out.steps.try_recv() {
            Ok(step) => write_step(&step, bytes),
            Err(error) => return error == TryRecvError::Disconnected,
        }
    }
    false
}

fn write_step(step: &Step, bytes: &mut Vec<u8>) {
    if step.missed_ms > 0 {
        frame::write_missed(bytes, step.missed_ms);
    }
    for (channel, side) in [(0, &step.says), (1, &step.hears)] {
        if let Some(samples) = side {
            frame::write_audio(bytes, channel, &samples[..step.len]);
        }
    }
}
