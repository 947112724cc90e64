//! The process from outside: start, talk, misuse, end.

use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const BINARY: &str = env!("CARGO_BIN_EXE_centrala-media");
const PATIENCE: Duration = Duration::from_secs(10);

struct Engine {
    child: Child,
    path: PathBuf,
}

impl Engine {
    fn start(name: &str) -> Engine {
        let path = std::env::temp_dir().join(format!("cm-{}-{name}.sock", std::process::id()));
        Engine::start_at(&path)
    }

    fn start_at(path: &Path) -> Engine {
        let mut child = serve(path);
        // The first log line says that the socket is open.
        let mut line = String::new();
        BufReader::new(child.stderr.as_mut().unwrap()).read_line(&mut line).unwrap();
        assert!(line.contains("Engine listens."), "{line}");
        Engine { child, path: path.to_owned() }
    }

    fn connect(&self) -> Client {
        let stream = UnixStream::connect(&self.path).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        Client { reader: BufReader::new(stream.try_clone().unwrap()), stream }
    }

    fn terminate(&mut self) -> i32 {
        let pid = rustix_pid(&self.child);
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
        let end = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.code().unwrap_or(-1);
            }
            assert!(Instant::now() < end, "the engine does not end");
            std::thread::yield_now();
        }
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = std::fs::remove_file(&self.path);
    }
}

fn serve(path: &Path) -> Child {
    Command::new(BINARY)
        .args(["serve", "--control", &format!("unix:{}", path.display())])
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

fn rustix_pid(child: &Child) -> rustix::process::Pid {
    rustix::process::Pid::from_raw(child.id() as i32).unwrap()
}

struct Client {
    stream: UnixStream,
    reader: BufReader<UnixStream>,
}

impl Client {
    fn send(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).unwrap();
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.reader.read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    }

    fn ask(&mut self, request: &str) -> String {
        self.send(format!("{request}\n").as_bytes());
        self.line()
    }
}

#[test]
fn version_is_printed() {
    let output = Command::new(BINARY).arg("--version").output().unwrap();
    assert_eq!(output.stdout, b"centrala-media 0.1.0\n");
}

#[test]
fn ping_answers_and_sigterm_ends_in_order() {
    let mut engine = Engine::start("ping");
    let mut client = engine.connect();
    let answer = client.ask(r#"{"id":1,"cmd":"ping"}"#);
    assert!(answer.starts_with(r#"{"id":1,"ok":{"#), "{answer}");
    assert!(answer.contains(r#""version":"0.1.0""#), "{answer}");
    assert_eq!(engine.terminate(), 0);
    assert!(!engine.path.exists());
}

#[test]
fn wrong_requests_are_answered_and_harm_nothing() {
    let engine = Engine::start("wrong");
    let mut client = engine.connect();
    for (request, code) in [
        (r#"{"id":1,"cmd":"no.such"}"#, "unknown_command"),
        ("{", "malformed"),
        ("[]", "malformed"),
        (r#"{"cmd":"ping"}"#, "malformed"),
        (r#"{"id":{},"cmd":"ping"}"#, "malformed"),
        (r#"{"id":3}"#, "malformed"),
        (r#"{"id":4,"cmd":"events.subscribe","after":77}"#, "invalid_argument"),
    ] {
        let answer = client.ask(request);
        assert!(answer.contains(&format!(r#""code":"{code}""#)), "{request}: {answer}");
    }
    client.send(b"\xff\xfe\n");
    assert!(client.line().contains("not UTF-8"));
    client.send(&vec![b'x'; 300 * 1024]);
    assert!(client.line().contains("line_too_long"));
    client.send(b"\n");
    assert!(client.ask(r#"{"id":"last","cmd":"ping"}"#).contains(r#""id":"last""#));
}

#[test]
fn deep_nesting_is_refused_not_fatal() {
    let engine = Engine::start("deep");
    let mut client = engine.connect();
    let answer = client.ask(&"[".repeat(100_000));
    assert!(answer.contains("malformed"), "{answer}");
}

#[test]
fn the_socket_is_for_its_owner_only() {
    let engine = Engine::start("mode");
    let mode = std::fs::metadata(&engine.path).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn a_live_socket_is_refused_and_a_stale_one_replaced() {
    let mut engine = Engine::start("stale");
    let mut second = serve(&engine.path);
    let mut complaint = String::new();
    second.stderr.take().unwrap().read_to_string(&mut complaint).unwrap();
    assert_eq!(second.wait().unwrap().code(), Some(1));
    assert!(complaint.contains("another engine listens"), "{complaint}");
    assert_eq!(complaint.lines().count(), 1);

    engine.child.kill().unwrap();
    engine.child.wait().unwrap();
    assert!(engine.path.exists());
    let again = Engine::start_at(&engine.path);
    assert!(again.connect().ask(r#"{"id":1,"cmd":"ping"}"#).contains("ok"));
}

#[test]
fn the_probe_prints_a_table_and_a_limit() {
    let run = Command::new(BINARY).args(["probe", "--calls", "4", "--seconds", "1"]).output();
    let run = run.unwrap();
    let text = String::from_utf8(run.stdout).unwrap();
    assert!(run.status.success(), "{text}");
    let cost = |name: &str| -> f64 {
        let row = text.lines().find(|line| line.starts_with(&format!("| {name}"))).unwrap();
        row.split('|').nth(2).unwrap().trim().parse().unwrap()
    };
    for name in ["relayed |", "relayed and recorded", "another law", "relayed, SRTP"] {
        let cost = cost(name);
        assert!(cost > 0.0 && cost < 100.0, "{text}");
    }
    let limit = text.lines().find_map(|line| line.strip_prefix("recommended limit: ")).unwrap();
    assert!(limit.split(' ').next().unwrap().parse::<u64>().unwrap() > 0);
    let wrong = Command::new(BINARY).args(["probe", "--calls", "0"]).output().unwrap();
    assert_eq!(wrong.status.code(), Some(1));
}

#[test]
fn a_file_that_is_not_a_socket_is_left_alone() {
    let path = std::env::temp_dir().join(format!("cm-{}-file", std::process::id()));
    std::fs::write(&path, b"mine").unwrap();
    let output = serve(&path).wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(std::fs::read(&path).unwrap(), b"mine");
    std::fs::remove_file(&path).unwrap();
}
