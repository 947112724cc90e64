//! `centrala-media probe`: what this machine can carry, measured by a short run of synthetic calls.
//!
//! An engine of its own is started as a child, so that its CPU time is its alone; this process plays the phones. At a
//! few dozen calls wake-ups weigh more than at hundreds: the limit that is told errs to the safe side.

mod load;

use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use self::load::{Kind, Load};

const DEFAULT_CALLS: usize = 50;
const MAX_CALLS: usize = 500;
const DEFAULT_SECONDS: u64 = 3;
const MAX_SECONDS: u64 = 60;
/// Share of the cores that calls may take in the long run; the rest is for peaks and the other processes.
const SHARE: f64 = 0.6;
/// Memory of a call, bytes, with a reserve.
const CALL_BYTES: u64 = 200 * 1024;
/// Share of the free memory that calls may take.
const MEMORY_SHARE: f64 = 0.5;
/// Cap of the engine.
const MAX_ROOMS: u64 = 4096;
/// Ports of a call: RTP and RTCP of two legs.
const PORTS_A_CALL: u64 = 4;
const SETTLING: Duration = Duration::from_millis(700);
const PATIENCE: Duration = Duration::from_secs(10);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Wish {
    calls: usize,
    seconds: u64,
}

impl Wish {
    fn parse(arguments: &[String]) -> Result<Wish, String> {
        let mut wish = Wish { calls: DEFAULT_CALLS, seconds: DEFAULT_SECONDS };
        for pair in arguments.chunks(2) {
            let [name, value] = pair else { return Err(format!("{} needs a value", pair[0])) };
            let number = value.parse::<u64>();
            let number = number.map_err(|_| format!("{name} does not take the value {value:?}"))?;
            match name.as_str() {
                "--calls" if (1..=MAX_CALLS as u64).contains(&number) => {
                    wish.calls = number as usize;
                }
                "--seconds" if (1..=MAX_SECONDS).contains(&number) => wish.seconds = number,
                "--calls" | "--seconds" => return Err(format!("{name} is out of its range")),
                _ => return Err(format!("unknown option {name}")),
            }
        }
        Ok(wish)
    }
}

/// Share of one core that a call took, in percent, and the packets that did not arrive.
#[derive(Clone, Copy, Debug)]
struct Cost {
    kind: Kind,
    core_pct: f64,
    lost_pct: f64,
}

/// What limits the number of recorded calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Limits {
    by_cores: u64,
    by_memory: u64,
    by_ports: u64,
}

impl Limits {
    fn new(cores: usize, recorded_pct: f64, free_bytes: u64, ports: u64) -> Limits {
        let by_cores = cores as f64 * 100.0 * SHARE / recorded_pct.max(0.001);
        let by_memory = free_bytes as f64 * MEMORY_SHARE / CALL_BYTES as f64;
        let by_ports = ports / PORTS_A_CALL;
        Limits { by_cores: by_cores as u64, by_memory: by_memory as u64, by_ports }
    }

    fn least(self) -> u64 {
        self.by_cores.min(self.by_memory).min(self.by_ports).min(MAX_ROOMS)
    }
}

/// Measures and prints a table. The error is one line for a person.
pub fn run(arguments: &[String]) -> Result<(), String> {
    let wish = Wish::parse(arguments)?;
    let cores = std::thread::available_parallelism().map_or(1, |cores| cores.get());
    println!("{} calls of G.711 between two phones, {} s each\n", wish.calls, wish.seconds);
    println!("| calls | core % a call | lost % |");
    println!("|---|---|---|");
    let mut recorded = f64::INFINITY;
    for kind in Kind::ALL {
        let cost = measure(kind, &wish)?;
        println!("| {} | {:.3} | {:.2} |", cost.kind.name(), cost.core_pct, cost.lost_pct);
        if kind == Kind::Recorded {
            recorded = cost.core_pct;
        }
    }
    let options = crate::options::Options::new(crate::options::ControlAddress::Unix("".into()));
    let ports = u64::from(options.port_max - options.port_min) + 1;
    let limits = Limits::new(cores, recorded, free_memory(), ports);
    println!("\n{cores} cores, of which calls may take {:.0} %", SHARE * 100.0);
    println!("recorded calls by cores: {}", limits.by_cores);
    println!("recorded calls by memory: {}", limits.by_memory);
    println!("calls by the default range of ports: {}", limits.by_ports);
    println!("a recorded call writes 32 kB a second as pcm16, 16 kB as alaw or mulaw");
    println!("recommended limit: {} calls at once", limits.least());
    Ok(())
}

fn measure(kind: Kind, wish: &Wish) -> Result<Cost, String> {
    let failed = |error: std::io::Error| format!("the probe cannot run: {error}");
    let mut engine = Engine::start().map_err(failed)?;
    let mut load = Load::new(kind, wish.calls, |command, fields| engine.ask(command, fields))
        .map_err(failed)?;
    load.run(SETTLING).map_err(failed)?;
    load.begin();
    let (before, started) = (engine.cpu(), Instant::now());
    load.run(Duration::from_secs(wish.seconds)).map_err(failed)?;
    let spent = engine.cpu().saturating_sub(before);
    let share = spent.as_secs_f64() / started.elapsed().as_secs_f64();
    Ok(Cost { kind, core_pct: 100.0 * share / wish.calls as f64, lost_pct: load.lost_pct() })
}

/// Bytes of memory that are free for new work.
fn free_memory() -> u64 {
    let text = std::fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("MemAvailable:"));
    let kilobytes = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
    kilobytes.unwrap_or(0) * 1024
}

/// An engine for the probe alone, in a directory of its own.
struct Engine {
    child: Child,
    directory: PathBuf,
    stream: UnixStream,
    reader: BufReader<UnixStream>,
    next: u64,
}

impl Engine {
    fn start() -> std::io::Result<Engine> {
        let directory = std::env::temp_dir().join(format!("centrala-probe-{}", std::process::id()));
        std::fs::create_dir_all(&directory)?;
        let socket = directory.join("control");
        let child = Command::new(std::env::current_exe()?)
            .args(["serve", "--control", &format!("unix:{}", socket.display())])
            .stderr(Stdio::null())
            .spawn();
        let child = child.inspect_err(|_| drop(std::fs::remove_dir_all(&directory)))?;
        match connect(&socket) {
            Ok(stream) => {
                let reader = BufReader::new(stream.try_clone()?);
                Ok(Engine { child, directory, stream, reader, next: 1 })
            }
            Err(error) => {
                end(child, &directory);
                Err(error)
            }
        }
    }

    fn ask(&mut self, command: &str, mut fields: Value) -> std::io::Result<Value> {
        if command == "record.start" {
            let name = fields["record"].as_str().unwrap_or("r").to_owned();
            fields["path"] = json!(self.directory.join(name));
        }
        fields["id"] = json!(self.next);
        fields["cmd"] = json!(command);
        self.next += 1;
        self.stream.write_all(format!("{fields}\n").as_bytes())?;
        let mut line = String::new();
        self.reader.read_line(&mut line)?;
        let mut reply: Value = serde_json::from_str(&line)?;
        match reply["ok"].take() {
            Value::Null if !reply["error"].is_null() => {
                Err(std::io::Error::other(format!("{command}: {}", reply["error"]["message"])))
            }
            ok => Ok(ok),
        }
    }

    /// CPU time of all threads.
    fn cpu(&self) -> Duration {
        let tasks = std::fs::read_dir(format!("/proc/{}/task", self.child.id()));
        let spent = |path: &Path| {
            let text = std::fs::read_to_string(path.join("schedstat")).ok()?;
            text.split_whitespace().next()?.parse::<u64>().ok()
        };
        let tasks = tasks.into_iter().flatten().flatten();
        Duration::from_nanos(tasks.filter_map(|task| spent(&task.path())).sum())
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = std::fs::remove_dir_all(&self.directory);
    }
}

fn end(mut child: Child, directory: &Path) {
    let _ = child.kill();
    let _ = child.wait();
    let _ = std::fs::remove_dir_all(directory);
}

fn connect(socket: &Path) -> std::io::Result<UnixStream> {
    let end = Instant::now() + PATIENCE;
    loop {
        match UnixStream::connect(socket) {
            Ok(stream) => {
                stream.set_read_timeout(Some(PATIENCE))?;
                return Ok(stream);
            }
            Err(error) if Instant::now() > end => return Err(error),
            Err(_) => std::thread::sleep(Duration::from_millis(10)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Wish, String> {
        Wish::parse(&line.split_whitespace().map(String::from).collect::<Vec<_>>())
    }

    #[test]
    fn options_have_defaults_and_ranges() {
        assert_eq!(parse("").unwrap(), Wish { calls: 50, seconds: 3 });
        assert_eq!(parse("--calls 7 --seconds 1").unwrap(), Wish { calls: 7, seconds: 1 });
        for wrong in ["--calls", "--calls 0", "--calls 501", "--seconds x", "--what 1"] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn the_scarcest_thing_limits() {
        // 2 cores at 0.07 % a call carry 1,714 in 60 % of their time.
        let limits = Limits::new(2, 0.07, 8 << 30, 10_000);
        assert_eq!(limits, Limits { by_cores: 1714, by_memory: 20_971, by_ports: 2500 });
        assert_eq!(limits.least(), 1714);
        assert_eq!(Limits::new(64, 0.07, 8 << 30, 40_000).least(), 4096);
        assert_eq!(Limits::new(64, 0.07, 100 << 20, 40_000).least(), 256);
    }
}
