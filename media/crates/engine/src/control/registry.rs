//! Which worker has which room, leg, play and record; and where commands go.

use std::collections::HashMap;

use super::error::Refusal;
use crate::api::Id;
use crate::worker::Handle;
use crate::worker::work::Work;

/// Rooms that share one worker before another is woken for them.
const TOGETHER: usize = 100;
const MAX_ROOMS: usize = 4096;
const MAX_LEGS: usize = 8192;
const MAX_PLAYS: usize = 16_384;
const MAX_RECORDS: usize = 8192;
const MAX_TAPS: usize = 1024;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    Room,
    Leg,
    Play,
    Record,
    Tap,
}

impl Kind {
    pub fn name(self) -> &'static str {
        match self {
            Kind::Room => "room",
            Kind::Leg => "leg",
            Kind::Play => "play",
            Kind::Record => "record",
            Kind::Tap => "tap",
        }
    }

    /// The object that a worker names.
    pub fn named(kind: &str, id: &str) -> Option<(Kind, Id)> {
        let kinds = [Kind::Room, Kind::Leg, Kind::Play, Kind::Record, Kind::Tap];
        let kind = kinds.into_iter().find(|k| k.name() == kind)?;
        Some((kind, serde_json::from_value(serde_json::Value::from(id)).ok()?))
    }

    fn cap(self) -> usize {
        match self {
            Kind::Room => MAX_ROOMS,
            Kind::Leg => MAX_LEGS,
            Kind::Play => MAX_PLAYS,
            Kind::Record => MAX_RECORDS,
            Kind::Tap => MAX_TAPS,
        }
    }
}

/// A leg between two workers: commands for the new one wait, so that none overtakes it.
#[derive(Debug, Default)]
struct Arrivals {
    expected: usize,
    held: Vec<(u64, Work)>,
}

#[derive(Debug)]
struct Home {
    worker: usize,
    room: Id,
}

#[derive(Debug)]
pub struct Registry {
    workers: Vec<Handle>,
    homes: HashMap<(Kind, Id), Home>,
    counts: HashMap<Kind, usize>,
    rooms_of: Vec<usize>,
    arrivals: Vec<Arrivals>,
}

impl Registry {
    pub fn new(workers: Vec<Handle>) -> Self {
        let rooms_of = vec![0; workers.len()];
        let arrivals = workers.iter().map(|_| Arrivals::default()).collect();
        Registry { workers, homes: HashMap::new(), counts: HashMap::new(), rooms_of, arrivals }
    }

    pub fn workers(&self) -> usize {
        self.workers.len()
    }

    pub fn count(&self, kind: Kind) -> usize {
        self.counts.get(&kind).copied().unwrap_or(0)
    }

    /// The worker of an object.
    pub fn home(&self, kind: Kind, id: &Id) -> Result<usize, Refusal> {
        let home = self.homes.get(&(kind, id.clone()));
        home.map(|home| home.worker).ok_or_else(|| Refusal::unknown(kind.name(), id.as_str()))
    }

    /// The room in which an object was last put.
    pub fn room_of(&self, kind: Kind, id: &Id) -> Option<&Id> {
        self.homes.get(&(kind, id.clone())).map(|home| &home.room)
    }

    /// An object is on its way to another room, if nobody objects.
    pub fn moved(&mut self, kind: Kind, id: &Id, room: &Id) {
        if let Some(home) = self.homes.get_mut(&(kind, id.clone())) {
            home.room = room.clone();
        }
    }

    /// The worker of a new room: the first that is nearly idle, else the one with the fewest rooms. Few calls
    /// together share their wake-ups, which is most of what few calls cost.
    pub fn least_loaded(&self) -> usize {
        let workers = 0..self.workers.len();
        let idle = workers.clone().find(|worker| self.rooms_of[*worker] < TOGETHER);
        idle.or_else(|| workers.min_by_key(|worker| self.rooms_of[*worker])).unwrap_or(0)
    }

    /// Checks that a new object may be made.
    pub fn check_new(&self, kind: Kind, id: &Id) -> Result<(), Refusal> {
        if self.homes.contains_key(&(kind, id.clone())) {
            let message = format!("the {} {:?} exists", kind.name(), id.as_str());
            return Err(Refusal::new("exists", message));
        }
        if self.count(kind) >= kind.cap() {
            let message = format!("at most {} objects of the kind {}", kind.cap(), kind.name());
            return Err(Refusal::new("limit_reached", message));
        }
        Ok(())
    }

    pub fn insert(&mut self, kind: Kind, id: Id, worker: usize, room: Id) {
        if self.homes.insert((kind, id), Home { worker, room }).is_none() {
            *self.counts.entry(kind).or_default() += 1;
            if kind == Kind::Room {
                self.rooms_of[worker] += 1;
            }
        }
    }

    pub fn remove(&mut self, kind: Kind, id: &Id) {
        if let Some(Home { worker, .. }) = self.homes.remove(&(kind, id.clone())) {
            *self.counts.entry(kind).or_default() -= 1;
            if kind == Kind::Room {
                self.rooms_of[worker] -= 1;
            }
        }
    }

    pub fn send(&mut self, worker: usize, token: u64, work: Work) -> Result<(), Refusal> {
        if self.arrivals[worker].expected > 0 {
            self.arrivals[worker].held.push((token, work));
            return Ok(());
        }
        if self.workers[worker].send(token, work) {
            Ok(())
        } else {
            Err(Refusal::new("worker_failed", "the worker of this object is gone"))
        }
    }

    /// A leg is being taken out of `from`; until it arrives, commands for `to` wait.
    pub fn expect(
        &mut self,
        (from, to): (usize, usize),
        token: u64,
        leg: &Id,
        room: &Id,
    ) -> Result<(), Refusal> {
        self.send(from, token, Work::LegExtract { leg: leg.clone() })?;
        self.arrivals[to].expected += 1;
        self.insert(Kind::Leg, leg.clone(), to, room.clone());
        Ok(())
    }

    /// The leg is here (or will never be): go on.
    pub fn arrive(&mut self, to: usize, first: Option<(u64, Work)>) {
        if let Some((token, work)) = first {
            self.workers[to].send(token, work);
        }
        let arrivals = &mut self.arrivals[to];
        arrivals.expected = arrivals.expected.saturating_sub(1);
        if arrivals.expected == 0 {
            for (token, work) in std::mem::take(&mut arrivals.held) {
                self.workers[to].send(token, work);
            }
        }
    }

    pub fn broadcast(&self, token: u64, work: impl Fn() -> Work) {
        for worker in &self.workers {
            worker.send(token, work());
        }
    }

    /// Waits for the end of all workers.
    pub fn join(&mut self) {
        for worker in self.workers.drain(..) {
            worker.bell.ring();
            if worker.thread.join().is_err() {
                crate::log::error("A worker thread had failed.", &[]);
            }
        }
    }
}
