//! The control thread: clients, requests, events, the end.

use std::io::Read;
use std::os::unix::net::UnixStream;
use std::time::Instant;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use serde_json::{Value, json};

use super::connection::Connection;
use super::error::{Refusal, reply};
use super::journal::Journal;
use super::lines::{Line, MAX_LINE};
use super::listener::Listener;
use crate::log;
use crate::options::Options;

/// Version of docs/media-protocol.md that this engine speaks.
pub const PROTOCOL: u32 = 1;
/// Clients at once: the app, its successor during a restart, a person with a tool.
const MAX_CLIENTS: usize = 16;

/// Runs the engine until SIGTERM or SIGINT. The error is one line for a person.
pub fn serve(options: Options, version: &'static str) -> Result<(), String> {
    let signals = signal_pipe().map_err(|error| format!("cannot handle signals: {error}"))?;
    let listener = Listener::bind(&options.control)?;
    log::info(
        "Engine listens.",
        &[("control", listener.name().into()), ("version", version.into())],
    );
    let mut server = Server::new(options, version);
    server.run(&listener, signals);
    log::info("Engine ends.", &[]);
    Ok(())
}

fn signal_pipe() -> std::io::Result<UnixStream> {
    let (ours, theirs) = UnixStream::pair()?;
    ours.set_nonblocking(true)?;
    for signal in [signal_hook::consts::SIGTERM, signal_hook::consts::SIGINT] {
        signal_hook::low_level::pipe::register(signal, theirs.try_clone()?)?;
    }
    Ok(ours)
}

struct Server {
    options: Options,
    version: &'static str,
    started: Instant,
    journal: Journal,
    clients: Vec<Connection>,
    next_number: u64,
}

impl Server {
    fn new(options: Options, version: &'static str) -> Self {
        Server {
            options,
            version,
            started: Instant::now(),
            journal: Journal::default(),
            clients: Vec::new(),
            next_number: 1,
        }
    }

    fn run(&mut self, listener: &Listener, mut signals: UnixStream) {
        loop {
            let ready = self.wait(listener, &signals);
            if ready.signal && signals.read(&mut [0u8; 16]).is_ok() {
                break;
            }
            if ready.listener {
                self.accept(listener);
            }
            for number in ready.clients {
                self.read_client(number);
            }
            self.flush();
        }
    }

    fn wait(&self, listener: &Listener, signals: &UnixStream) -> Ready {
        let mut fds =
            vec![PollFd::new(signals, PollFlags::IN), PollFd::new(listener, PollFlags::IN)];
        for client in &self.clients {
            let mut flags = PollFlags::IN;
            if client.wants_write() {
                flags |= PollFlags::OUT;
            }
            fds.push(PollFd::new(&client.stream, flags));
        }
        let timeout = Timespec { tv_sec: 1, tv_nsec: 0 };
        if poll(&mut fds, Some(&timeout)).is_err() {
            return Ready::default();
        }
        let fired = |index: usize| !fds[index].revents().is_empty();
        Ready {
            signal: fired(0),
            listener: fired(1),
            clients: self
                .clients
                .iter()
                .enumerate()
                .filter(|(index, _)| fired(index + 2))
                .map(|(_, client)| client.number)
                .collect(),
        }
    }

    fn accept(&mut self, listener: &Listener) {
        while let Ok(Some(stream)) = listener.accept() {
            let mut client = Connection::new(stream, self.next_number);
            self.next_number += 1;
            if self.clients.len() >= MAX_CLIENTS {
                let refusal = Refusal::new("too_many_clients", "the engine has too many clients");
                client.push_line(&reply(&Value::Null, Err(refusal)));
                let _ = client.flush(&self.journal);
                continue;
            }
            self.clients.push(client);
        }
    }

    fn read_client(&mut self, number: u64) {
        let Some(index) = self.clients.iter().position(|client| client.number == number) else {
            return;
        };
        let mut lines = Vec::new();
        let open = self.clients[index].read(&mut lines);
        for line in lines {
            let answer = self.handle(index, line);
            self.clients[index].push_line(&answer);
        }
        if !matches!(open, Ok(true)) {
            let mut client = self.clients.remove(index);
            let _ = client.flush(&self.journal);
        }
    }

    fn handle(&mut self, client: usize, line: Line) -> String {
        let (id, outcome) = match line {
            Line::Text(text) => self.request(client, &text),
            Line::TooLong => {
                let message = format!("a request may have at most {MAX_LINE} bytes");
                (Value::Null, Err(Refusal::new("line_too_long", message)))
            }
            Line::NotUtf8 => {
                (Value::Null, Err(Refusal::new("malformed", "the request is not UTF-8")))
            }
        };
        reply(&id, outcome)
    }

    fn request(&mut self, client: usize, text: &str) -> (Value, Result<Value, Refusal>) {
        let request = match serde_json::from_str::<Value>(text) {
            Ok(Value::Object(request)) => request,
            Ok(_) => {
                let refusal = Refusal::new("malformed", "the request is not a JSON object");
                return (Value::Null, Err(refusal));
            }
            Err(error) => {
                let message = format!("the request is not JSON: {error}");
                return (Value::Null, Err(Refusal::new("malformed", message)));
            }
        };
        let id = match request.get("id") {
            Some(id @ (Value::Number(_) | Value::String(_))) => id.clone(),
            _ => {
                let refusal = Refusal::new("malformed", "the request has no id");
                return (Value::Null, Err(refusal));
            }
        };
        let outcome = match request.get("cmd").and_then(Value::as_str) {
            Some("ping") => Ok(self.ping()),
            Some("hello") => Ok(self.hello()),
            Some("events.subscribe") => self.subscribe(client, request.get("after")),
            Some(name) => {
                Err(Refusal::new("unknown_command", format!("there is no command {name:?}")))
            }
            None => Err(Refusal::new("malformed", "the request has no cmd")),
        };
        (id, outcome)
    }

    fn ping(&self) -> Value {
        let uptime = self.started.elapsed().as_millis() as u64;
        json!({"version": self.version, "uptime_ms": uptime})
    }

    fn hello(&self) -> Value {
        json!({
            "version": self.version,
            "protocol": PROTOCOL,
            "pid": std::process::id(),
            "grace_ms": self.options.grace.as_millis() as u64,
            "events": {"first": self.journal.first(), "last": self.journal.last()},
        })
    }

    fn subscribe(&mut self, client: usize, after: Option<&Value>) -> Result<Value, Refusal> {
        let after = match after {
            None | Some(Value::Null) => self.journal.last(),
            Some(value) => value
                .as_u64()
                .filter(|after| *after <= self.journal.last())
                .ok_or_else(|| Refusal::invalid("after is not the number of an event"))?,
        };
        self.clients[client].subscribe(after + 1);
        let lost = (after + 1) < self.journal.first();
        Ok(json!({"after": after, "last": self.journal.last(), "lost": lost}))
    }

    fn flush(&mut self) {
        let journal = &self.journal;
        self.clients.retain_mut(|client| match client.flush(journal) {
            Ok(()) => true,
            Err(error) => {
                let reason = error.to_string();
                log::warning("Client connection is closed.", &[("reason", reason.into())]);
                false
            }
        });
    }
}

#[derive(Debug, Default)]
struct Ready {
    signal: bool,
    listener: bool,
    clients: Vec<u64>,
}
