//! A worker thread: its rooms, their legs, the packets and the ticks.
//!
//! Theory of operation. The worker sleeps in epoll until a packet, a command or the next tick. A packet
//! goes on at once to the ears that take its payload as it is; otherwise it waits in the jitter buffer
//! for the room's tick of 20 ms. Rooms are spread over ten phases of 2 ms, so the work of mixing is even.
//! Only rooms that mix or detect have ticks at all. Every 100 ms a fifth of the legs is visited for
//! reports, time-outs and recordings. Nothing here is shared with another thread but queues.

pub mod codec;
mod commands;
pub mod detect;
pub mod digits;
mod housekeeping;
pub mod leg;
mod legs;
mod packets;
pub mod play;
mod playing;
mod recording;
pub mod room;
mod stats;
mod tapping;
#[cfg(test)]
mod tests;
mod tick;
pub mod transport;
pub mod web;
pub mod work;

pub use self::playing::gain_factor as playing_gain;

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, TryRecvError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rustix::event::epoll;
use rustix::fd::OwnedFd;
use serde_json::json;
use udp::Batch;

use self::leg::{CLOCK, Leg};
use self::room::Room;
use self::web::Browsers;
use self::work::{ToWorker, Work};
use crate::api::Id;
use crate::control::error::Refusal;
use crate::dtls::Identity;
use crate::outbox::{Bell, Outbox};
use crate::ports::PortPool;
use crate::record::writer::Job;

/// Phases of a tick.
const PHASES: usize = 10;
const PHASE_US: u64 = 2000;
const VISIT_US: u64 = 100_000;
/// While packets come, the loop turns on a grid of this step, which is that of the ticks: packets and ticks share a
/// wake-up, and a packet waits this long at most before it is relayed.
const PACE_US: u64 = PHASE_US;
/// A worker that is this far behind leaves ticks out instead of catching up.
const MAX_BEHIND_PHASES: u64 = 100;
/// Events taken from epoll at once.
const EVENTS: usize = 1024;
/// epoll key of the command queue.
const BELL: u64 = u64::MAX;
/// epoll keys of the sockets that browsers share: one for each family of addresses, downward.
const WEB: u64 = u64::MAX - 1;
const WEB_LAST: u64 = WEB - 1;

pub struct Setup {
    pub index: usize,
    /// One for each family of addresses.
    pub ports: Vec<PortPool>,
    /// The worker's port for browsers, one for each family, and the address that browsers are told.
    pub web_sockets: Vec<(std::net::UdpSocket, std::net::IpAddr)>,
    pub identity: Arc<Identity>,
    pub outbox: Outbox,
    pub recordings: Sender<Job>,
    /// One clock for all workers, so that shared loops and event times agree.
    pub started: Instant,
}

/// What the control thread holds of a worker.
#[derive(Debug)]
pub struct Handle {
    pub sender: Sender<ToWorker>,
    pub bell: Bell,
    pub thread: JoinHandle<()>,
}

impl Handle {
    pub fn send(&self, token: u64, work: Work) -> bool {
        let sent = self.sender.send(ToWorker { token, work }).is_ok();
        self.bell.ring();
        sent
    }
}

/// Counters of one worker.
#[derive(Debug, Default)]
pub struct Counters {
    pub received: u64,
    pub relayed: u64,
    pub mixed_frames: u64,
    pub skipped_phases: u64,
    pub panics: u64,
    pub longest_pass_us: u64,
}

pub struct Worker {
    setup: Setup,
    epoll: OwnedFd,
    inbox: Receiver<ToWorker>,
    bell: Bell,
    legs: Vec<Option<Box<Leg>>>,
    free_legs: Vec<usize>,
    leg_ids: HashMap<Id, usize>,
    rooms: Vec<Option<Box<Room>>>,
    free_rooms: Vec<usize>,
    room_ids: HashMap<Id, usize>,
    play_rooms: HashMap<Id, usize>,
    record_rooms: HashMap<Id, usize>,
    /// Rooms of each phase; only those that tick are worked on.
    phases: [Vec<usize>; PHASES],
    /// How many rooms of each phase tick; counted anew when something may have changed.
    ticking: [usize; PHASES],
    ticking_changed: bool,
    next_phase: u64,
    next_visit_us: u64,
    visit: usize,
    now_us: u64,
    serial: u64,
    random: Random,
    batch: Option<Box<Batch>>,
    /// Keys of sockets in which something may be left.
    unfinished: Vec<u64>,
    scratch: Box<[u8; rtp::MAX_PACKET + srtp::MAX_OVERHEAD]>,
    /// Room for an RTCP packet.
    report_packet: Vec<u8>,
    counters: Counters,
    browsers: Browsers,
    /// A room whose plan changed while one of its legs was being worked on.
    replan: Option<usize>,
    /// Legs in whose work something panicked; they end as soon as nothing is taken out of its place.
    failed: Vec<usize>,
    stopping: bool,
}

/// Starts a worker thread.
pub fn start(setup: Setup) -> std::io::Result<Handle> {
    let (sender, inbox) = std::sync::mpsc::channel();
    let bell = Bell::new()?;
    let epoll = epoll::create(epoll::CreateFlags::CLOEXEC)?;
    epoll::add(&epoll, bell.fd(), epoll::EventData::new_u64(BELL), epoll::EventFlags::IN)?;
    let name = format!("worker-{}", setup.index);
    let mut worker = Worker::new(setup, epoll, inbox, bell.clone())?;
    let thread = std::thread::Builder::new().name(name).spawn(move || worker.run())?;
    Ok(Handle { sender, bell, thread })
}

impl Worker {
    fn new(
        setup: Setup,
        epoll: OwnedFd,
        inbox: Receiver<ToWorker>,
        bell: Bell,
    ) -> std::io::Result<Self> {
        let random = Random::new()?;
        let browsers = Browsers::new(&setup.web_sockets)?;
        for (number, (socket, _)) in setup.web_sockets.iter().enumerate() {
            let data = epoll::EventData::new_u64(WEB - number as u64);
            epoll::add(&epoll, socket, data, epoll::EventFlags::IN)?;
        }
        Ok(Worker {
            // Unlike the serials of all other workers.
            serial: (setup.index as u64) << 48,
            setup,
            epoll,
            inbox,
            bell,
            legs: Vec::new(),
            free_legs: Vec::new(),
            leg_ids: HashMap::new(),
            rooms: Vec::new(),
            free_rooms: Vec::new(),
            room_ids: HashMap::new(),
            play_rooms: HashMap::new(),
            record_rooms: HashMap::new(),
            phases: Default::default(),
            ticking: [0; PHASES],
            ticking_changed: false,
            next_phase: 0,
            next_visit_us: 0,
            visit: 0,
            now_us: 0,
            random,
            batch: Some(Batch::new()),
            unfinished: Vec::with_capacity(EVENTS),
            scratch: Box::new([0; rtp::MAX_PACKET + srtp::MAX_OVERHEAD]),
            report_packet: Vec::with_capacity(256),
            counters: Counters::default(),
            browsers,
            replan: None,
            failed: Vec::with_capacity(mixer::MAX_LEGS),
            stopping: false,
        })
    }

    fn run(&mut self) {
        let mut events = Vec::with_capacity(EVENTS);
        self.read_clock();
        self.next_phase = self.now_us / PHASE_US;
        self.next_visit_us = self.now_us;
        while !self.stopping {
            events.clear();
            self.count_ticking();
            let timeout = self.timeout();
            // Interrupted sleeps are simply short ones.
            let _ = epoll::wait(
                &self.epoll,
                rustix::buffer::spare_capacity(&mut events),
                Some(&timeout),
            );
            self.read_clock();
            let woken_us = self.now_us;
            self.finish_reading();
            for event in &events {
                match event.data.u64() {
                    BELL => self.commands(),
                    key @ WEB_LAST..=WEB => self.browsers_readable((WEB - key) as usize),
                    key => self.guard_leg((key >> 1) as usize, |worker| worker.readable(key)),
                }
            }
            self.ticks();
            self.visits();
            self.read_clock();
            let pass = self.now_us - woken_us;
            self.counters.longest_pass_us = self.counters.longest_pass_us.max(pass);
            // Sleeping to the next step costs less than waking for each packet.
            let packets = events.iter().any(|event| event.data.u64() != BELL);
            if packets && events.len() < EVENTS && self.unfinished.is_empty() {
                let rest = PACE_US - self.now_us % PACE_US;
                std::thread::sleep(Duration::from_micros(rest));
            }
        }
    }

    fn finish_reading(&mut self) {
        let count = self.unfinished.len();
        for at in 0..count {
            let key = self.unfinished[at];
            self.guard_leg((key >> 1) as usize, |worker| worker.readable(key));
        }
        // Those that are still not empty stand behind.
        self.unfinished.drain(..count);
    }

    fn read_clock(&mut self) {
        self.now_us = self.setup.started.elapsed().as_micros() as u64;
    }

    /// Local time in units of the RTP clock.
    fn now_units(&self) -> u64 {
        self.now_us * u64::from(CLOCK) / 1_000_000
    }

    /// A steady room never comes here: looking at every room in every turn would cost more than relaying.
    fn count_ticking(&mut self) {
        if !std::mem::take(&mut self.ticking_changed) {
            return;
        }
        for (count, rooms) in self.ticking.iter_mut().zip(&self.phases) {
            let ticks = |room: &&usize| self.rooms[**room].as_ref().is_some_and(|r| r.ticking);
            *count = rooms.iter().filter(ticks).count();
        }
    }

    fn timeout(&self) -> rustix::event::Timespec {
        let mut at = self.next_visit_us;
        for ahead in 0..PHASES as u64 {
            let phase = self.next_phase + ahead;
            if self.ticking[phase as usize % PHASES] > 0 {
                at = at.min(phase * PHASE_US);
                break;
            }
        }
        if !self.unfinished.is_empty() {
            at = 0;
        }
        let wait = Duration::from_micros(at.saturating_sub(self.now_us));
        rustix::event::Timespec {
            tv_sec: wait.as_secs() as i64,
            tv_nsec: i64::from(wait.subsec_nanos()),
        }
    }

    fn commands(&mut self) {
        self.bell.hush();
        self.ticking_changed = true;
        loop {
            match self.inbox.try_recv() {
                Ok(ToWorker { token, work }) => {
                    let done = catch_unwind(AssertUnwindSafe(|| self.command(token, work)));
                    if done.is_err() {
                        self.counters.panics += 1;
                        self.ticking_changed = true;
                        let refusal = Refusal::new("worker_failed", "the command failed inside");
                        self.setup.outbox.reply(token, Err(refusal));
                    }
                }
                Err(TryRecvError::Empty) => break,
                Err(TryRecvError::Disconnected) => {
                    self.stopping = true;
                    break;
                }
            }
        }
    }

    fn ticks(&mut self) {
        let current = self.now_us / PHASE_US;
        if current > self.next_phase + MAX_BEHIND_PHASES {
            self.counters.skipped_phases += current - self.next_phase;
            self.next_phase = current;
            self.leave_grids();
        }
        self.count_ticking();
        while self.next_phase <= current {
            let phase = self.next_phase as usize % PHASES;
            self.next_phase += 1;
            if self.ticking[phase] == 0 {
                continue;
            }
            for at in 0..self.phases[phase].len() {
                let room = self.phases[phase][at];
                if self.rooms[room].as_ref().is_some_and(|room| room.ticking) {
                    self.guard_room(room, |worker| worker.tick(room));
                }
            }
        }
    }

    /// After a pause of the machine, timestamps follow the clock again.
    fn leave_grids(&mut self) {
        for leg in self.legs.iter_mut().flatten() {
            leg.tx.rewriter.leave_grid();
        }
    }

    /// Work on behalf of one leg: a panic in it ends that leg only.
    fn guard_leg(&mut self, leg: usize, work: impl FnOnce(&mut Self)) {
        self.attempt(leg, work);
        self.end_failed();
    }

    /// As `guard_leg`, but the leg goes on the list of those to end: rooms or legs are out of their places.
    fn attempt(&mut self, leg: usize, work: impl FnOnce(&mut Self)) {
        if catch_unwind(AssertUnwindSafe(|| work(self))).is_err() {
            self.counters.panics += 1;
            crate::log::error("A leg failed inside the engine.", &[("leg", json!(leg))]);
            self.failed.push(leg);
        }
    }

    /// Ends what failed. A leg that was being worked on is lost already; what is left of it may fail once more.
    fn end_failed(&mut self) {
        while let Some(leg) = self.failed.pop() {
            self.ticking_changed = true;
            let ended = catch_unwind(AssertUnwindSafe(|| self.end_leg(leg, "failed")));
            if ended.is_err() {
                self.counters.panics += 1;
                self.forget_lost_leg(leg, "failed");
            }
        }
    }

    fn guard_room(&mut self, room: usize, work: impl FnOnce(&mut Self)) {
        if catch_unwind(AssertUnwindSafe(|| work(self))).is_err() {
            self.counters.panics += 1;
            self.ticking_changed = true;
            crate::log::error("A room failed inside the engine.", &[("room", json!(room))]);
            self.end_room(room, "failed");
        }
    }
}

/// Panics where a test wants it: for a leg whose tag is `panic:` and the name of the place.
#[cfg(test)]
fn trip(leg: &Leg, place: &str) {
    let tag = leg.settings.tag.as_deref().and_then(|tag| tag.strip_prefix("panic:"));
    assert!(tag != Some(place), "a test asked for it");
}

#[cfg(not(test))]
#[inline(always)]
fn trip(_: &Leg, _: &str) {}

/// Unpredictable numbers (RFC 3550 5.1, RFC 4086) from the kernel, a batch at a time.
#[derive(Debug)]
pub struct Random {
    source: std::fs::File,
}

impl Random {
    fn new() -> std::io::Result<Self> {
        Ok(Random { source: std::fs::File::open("/dev/urandom")? })
    }

    pub fn words(&mut self) -> [u32; 4] {
        use std::io::Read;
        let mut bytes = [0u8; 16];
        if self.source.read_exact(&mut bytes).is_err() {
            crate::log::error("The kernel gave no random numbers.", &[]);
        }
        let word = |at: usize| {
            u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
        };
        [word(0), word(4), word(8), word(12)]
    }
}
