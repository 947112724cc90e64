//! The control thread: clients, requests, events, the end.

use std::io::Read;
use std::net::{IpAddr, UdpSocket};
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use serde_json::{Value, json};

use super::connection::Connection;
use super::dispatch::{Answer, Asker, Dispatcher};
use super::error::{Refusal, reply};
use super::files::Files;
use super::journal::Journal;
use super::lines::{Line, MAX_LINE};
use super::listener::Listener;
use super::registry::{Kind, Registry};
use crate::dtls::Identity;
use crate::log;
use crate::options::{Options, addresses};
use crate::outbox::{Bell, FromWorker, Outbox};
use crate::ports::PortPool;
use crate::record::writer::{self, Job};
use crate::streams::Half;
use crate::streams::serve::{Attached, Streams};
use crate::worker::work::Work;
use crate::worker::{self, Setup};

/// Version of docs/media-protocol.md that this engine speaks.
pub const PROTOCOL: u32 = 1;
/// Clients at once: the app, its successor during a restart, a person with a tool.
const MAX_CLIENTS: usize = 16;
/// Bytes; the browsers of one worker share a socket.
const WEB_RECEIVE_BUFFER: usize = 4 * 1024 * 1024;
/// Time that recordings get at the end to be hashed.
const LAST_WORDS: Duration = Duration::from_secs(8);

/// Runs the engine until SIGTERM or SIGINT. The error is one line for a person.
pub fn serve(options: Options, version: &'static str) -> Result<(), String> {
    let signals = signal_pipe().map_err(|error| format!("cannot handle signals: {error}"))?;
    let listener = Listener::bind(&options.control)?;
    log::info(
        "Engine listens.",
        &[("control", listener.name().into()), ("version", version.into())],
    );
    let mut server = Server::new(options, version)?;
    server.run(&listener, signals);
    server.end();
    log::info("Engine ends.", &[]);
    Ok(())
}

fn signal_pipe() -> std::io::Result<UnixStream> {
    let (ours, theirs) = UnixStream::pair()?;
    ours.set_nonblocking(true)?;
    for signal in [signal_hook::consts::SIGTERM, signal_hook::consts::SIGINT] {
        signal_hook::low_level::pipe::register(signal, theirs.try_clone()?)?;
    }
    // A limit on the size of files must end a recording, not the process: with a handler, write says EFBIG.
    signal_hook::flag::register(signal_hook::consts::SIGXFSZ, Arc::default())?;
    Ok(ours)
}

/// What this engine can do, for clients that ask.
const FEATURES: [&str; 20] = [
    "rooms",
    "rtp",
    "webrtc",
    "srtp.sdes",
    "ice.restart",
    "ipv6",
    "play.files",
    "play.loop",
    "play.tone",
    "play.stream",
    "record",
    "tap",
    "dtmf.rfc4733",
    "dtmf.inband",
    "detect.talk",
    "detect.silence",
    "detect.machine",
    "detect.beep",
    "detect.fax",
    "quality",
];

struct Server {
    options: Options,
    version: &'static str,
    /// Random name of this process: a client sees that the engine was started anew.
    engine: String,
    started: Instant,
    journal: Journal,
    clients: Vec<Connection>,
    next_number: u64,
    dispatcher: Dispatcher,
    inbox: Receiver<FromWorker>,
    bell: Bell,
    writer: (Sender<Job>, JoinHandle<()>),
    alone_since: Option<Instant>,
    /// A client that asked for a stream is about to become one.
    attaching: Option<Half>,
}

impl Server {
    fn new(options: Options, version: &'static str) -> Result<Self, String> {
        let failed = |error: std::io::Error| format!("cannot start: {error}");
        let started = Instant::now();
        let (sender, inbox) = channel();
        let bell = Bell::new().map_err(failed)?;
        let outbox = Outbox::new(sender, bell.clone());
        let writer = writer::start(outbox.clone()).map_err(failed)?;
        let files = Files::start(&outbox).map_err(failed)?;
        let streams = Streams::start().map_err(failed)?;
        let pool = |(ip, advertised)| {
            PortPool::new(ip, options.port_min, options.port_max).advertising(advertised)
        };
        let ports: Vec<PortPool> = addresses(&options).map(pool).collect();
        let identity = Arc::new(Identity::new().map_err(failed)?);
        let mut workers = Vec::new();
        for index in 0..options.workers {
            let setup = Setup {
                index,
                ports: ports.clone(),
                web_sockets: web_sockets(&options, index)?,
                identity: identity.clone(),
                outbox: outbox.clone(),
                recordings: writer.0.clone(),
                started,
            };
            workers.push(worker::start(setup).map_err(failed)?);
        }
        let engine = random_name().map_err(failed)?;
        Ok(Server {
            options,
            version,
            engine,
            started,
            journal: Journal::default(),
            clients: Vec::new(),
            next_number: 1,
            dispatcher: Dispatcher::new(Registry::new(workers), files, streams),
            inbox,
            bell,
            writer,
            alone_since: None,
            attaching: None,
        })
    }

    /// Ends calls and recordings in order, and gives clients the last events.
    fn end(&mut self) {
        self.dispatcher.registry.broadcast(0, || Work::Stop);
        self.dispatcher.registry.join();
        let _ = self.writer.0.send(Job::Stop);
        let end = Instant::now() + LAST_WORDS;
        while !self.writer.1.is_finished() && Instant::now() < end {
            std::thread::sleep(Duration::from_millis(5));
        }
        self.take_messages();
        self.flush();
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
            if ready.bell {
                self.bell.hush();
            }
            self.take_messages();
            self.watch_grace();
            self.flush();
        }
    }

    fn wait(&self, listener: &Listener, signals: &UnixStream) -> Ready {
        let mut fds = vec![
            PollFd::new(signals, PollFlags::IN),
            PollFd::new(listener, PollFlags::IN),
            PollFd::new(self.bell.fd(), PollFlags::IN),
        ];
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
            bell: fired(2),
            clients: self
                .clients
                .iter()
                .enumerate()
                .filter(|(index, _)| fired(index + 3))
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
            if let Some(answer) = answer {
                self.clients[index].push_line(&answer);
            }
            if let Some(half) = self.attaching.take() {
                // From here on the connection carries audio; a client says nothing before the reply.
                let (stream, unwritten) = self.clients.remove(index).into_stream();
                self.dispatcher.streams.attach(Attached { stream, half, unwritten });
                return;
            }
        }
        if !matches!(open, Ok(true)) {
            let mut client = self.clients.remove(index);
            let _ = client.flush(&self.journal);
        }
    }

    /// The reply, when there is one at once.
    fn handle(&mut self, client: usize, line: Line) -> Option<String> {
        let refuse =
            |code, message: String| Some(reply(&Value::Null, Err(Refusal::new(code, message))));
        match line {
            Line::Text(text) => self.request(client, &text),
            Line::TooLong => {
                refuse("line_too_long", format!("a request may have at most {MAX_LINE} bytes"))
            }
            Line::NotUtf8 => refuse("malformed", "the request is not UTF-8".into()),
        }
    }

    fn request(&mut self, client: usize, text: &str) -> Option<String> {
        let malformed =
            |id: &Value, message: String| Some(reply(id, Err(Refusal::new("malformed", message))));
        let mut request = match serde_json::from_str::<Value>(text) {
            Ok(Value::Object(request)) => request,
            Ok(_) => return malformed(&Value::Null, "the request is not a JSON object".into()),
            Err(error) => {
                return malformed(&Value::Null, format!("the request is not JSON: {error}"));
            }
        };
        let id = match request.remove("id") {
            Some(id @ (Value::Number(_) | Value::String(_))) => id,
            _ => return malformed(&Value::Null, "the request has no id".into()),
        };
        let Some(Value::String(name)) = request.remove("cmd") else {
            return malformed(&id, "the request has no cmd".into());
        };
        let outcome = match name.as_str() {
            "ping" => Ok(self.ping()),
            "hello" => Ok(self.hello()),
            "events.subscribe" => self.subscribe(client, request.get("after")),
            "drain" => self.drain(request.get("on")),
            "stream.attach" => self.dispatcher.attach(request).map(|half| {
                self.attaching = Some(half);
                json!({})
            }),
            name => {
                let asker = Asker { client: self.clients[client].number, id: id.clone() };
                match self.dispatcher.request(&asker, name, request) {
                    Ok(()) => return None,
                    Err(refusal) => Err(refusal),
                }
            }
        };
        Some(reply(&id, outcome))
    }

    fn drain(&mut self, on: Option<&Value>) -> Result<Value, Refusal> {
        let on = on.and_then(Value::as_bool);
        self.dispatcher.draining = on.ok_or_else(|| Refusal::invalid("on is true or false"))?;
        Ok(json!({"draining": self.dispatcher.draining}))
    }

    fn take_messages(&mut self) {
        while let Ok(message) = self.inbox.try_recv() {
            if let FromWorker::Event { name, mut fields } = message {
                let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
                fields["at"] = json!(now.as_millis() as u64);
                self.journal.append(name, fields);
                continue;
            }
            for Answer { asker, mut outcome } in self.dispatcher.answered(message) {
                if let Ok(Value::Object(list)) = &mut outcome
                    && list.contains_key("rooms")
                {
                    list.insert("events".into(), json!({"last": self.journal.last()}));
                }
                let client = self.clients.iter_mut().find(|c| c.number == asker.client);
                if let Some(client) = client {
                    client.push_line(&reply(&asker.id, outcome));
                }
            }
        }
    }

    /// Calls whose client has gone end after the grace time.
    fn watch_grace(&mut self) {
        let in_use = self.dispatcher.registry.count(Kind::Room) > 0;
        if !in_use || self.clients.iter().any(Connection::subscribed) {
            self.alone_since = None;
            return;
        }
        let since = *self.alone_since.get_or_insert_with(Instant::now);
        if since.elapsed() >= self.options.grace {
            log::warning("Calls without a client are closed.", &[]);
            self.dispatcher.registry.broadcast(0, || Work::CloseAll { reason: "abandoned" });
            self.alone_since = None;
        }
    }

    fn ping(&self) -> Value {
        let uptime = self.started.elapsed().as_millis() as u64;
        json!({"version": self.version, "uptime_ms": uptime})
    }

    fn hello(&self) -> Value {
        json!({
            "version": self.version,
            "protocol": PROTOCOL,
            "engine": self.engine,
            "features": FEATURES,
            "workers": self.options.workers,
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

/// One UDP port for the browsers of a worker, on each address.
fn web_sockets(options: &Options, index: usize) -> Result<Vec<(UdpSocket, IpAddr)>, String> {
    let port = match options.webrtc_port {
        0 => 0,
        first => first.saturating_add(index as u16),
    };
    let failed = |error| format!("cannot open the UDP port {port} for browsers: {error}");
    addresses(options)
        .map(|(ip, advertised)| {
            let socket = UdpSocket::bind((ip, port)).map_err(failed)?;
            socket.set_nonblocking(true).map_err(failed)?;
            let _ = rustix::net::sockopt::set_socket_recv_buffer_size(&socket, WEB_RECEIVE_BUFFER);
            Ok((socket, advertised))
        })
        .collect()
}

fn random_name() -> std::io::Result<String> {
    let mut bytes = [0u8; 8];
    std::fs::File::open("/dev/urandom")?.read_exact(&mut bytes)?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

#[derive(Debug, Default)]
struct Ready {
    signal: bool,
    listener: bool,
    bell: bool,
    clients: Vec<u64>,
}
