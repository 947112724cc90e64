//! From a request to the worker that does it, and from its answer back to the client.

use std::collections::HashMap;
use std::sync::Arc;

use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use super::error::Refusal;
use super::files::Files;
use super::holding::{Held, Holding};
use super::metrics;
use super::registry::{Kind, Registry};
use super::sources::PlayPlan;
use crate::api::{self, Decibel, DetectSet, DtmfSend, Id, LegFields, RecordStart};
use crate::outbox::FromWorker;
use crate::sound::Clip;
use crate::streams::Half;
use crate::streams::serve::Streams;
use crate::worker::playing_gain;
use crate::worker::work::Work;

/// Who asked.
#[derive(Clone, Debug)]
pub struct Asker {
    pub client: u64,
    pub id: Value,
}

/// An answer ready to go to its client.
#[derive(Debug)]
pub struct Answer {
    pub asker: Asker,
    pub outcome: Result<Value, Refusal>,
}

/// A command that waits for files.
#[derive(Debug)]
pub(super) enum Loading {
    Play(PlayPlan),
    Record(Box<RecordStart>),
}

#[derive(Debug)]
pub(super) enum Pending {
    /// Reply as it comes; on a refusal the reserved id is given back, or the leg is still where it was.
    Direct { asker: Asker, reserved: Option<(Kind, Id)>, moved_from: Option<(Id, Id)> },
    /// Every worker answers; the parts make one reply.
    Gather { asker: Asker, what: Gather, missing: usize, parts: Vec<Value> },
    /// A leg on its way to another worker.
    Moving { asker: Asker, leg: Id, room: Id, from: usize, to: usize, from_room: Option<Id> },
    /// Files are read or made.
    Loading { asker: Asker, room: Id, reserved: (Kind, Id), loading: Loading },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gather {
    List,
    Stats,
    Metrics,
}

#[derive(Debug)]
pub struct Dispatcher {
    pub registry: Registry,
    pub draining: bool,
    pending: HashMap<u64, Pending>,
    next_token: u64,
    pub(super) holding: Holding,
    pub(super) files: Files,
    pub streams: Streams,
    pub(super) tones: HashMap<(String, String), (Arc<Clip>, u32)>,
    /// Ends of taps and pushed streams to which nobody attached yet.
    pub(super) halves: HashMap<(Kind, Id), Half>,
    /// The leg of each tap.
    pub(super) tapped: HashMap<Id, Id>,
    pub(super) next_record: u64,
}

pub(super) type Fields = Map<String, Value>;

pub(super) fn read<T: DeserializeOwned>(fields: Fields) -> Result<T, Refusal> {
    serde_json::from_value(Value::Object(fields)).map_err(|e| Refusal::invalid(e.to_string()))
}

impl Dispatcher {
    pub fn new(registry: Registry, files: Files, streams: Streams) -> Self {
        Dispatcher {
            registry,
            draining: false,
            pending: HashMap::new(),
            next_token: 1,
            holding: Holding::default(),
            files,
            streams,
            tones: HashMap::new(),
            halves: HashMap::new(),
            tapped: HashMap::new(),
            next_record: 1,
        }
    }

    /// Starts a command; a refusal is answered at once, everything else when the worker has answered.
    pub fn request(&mut self, asker: &Asker, name: &str, fields: Fields) -> Result<(), Refusal> {
        if let Some(room) = self.waiting_room(name, &fields) {
            let held = Held { asker: asker.clone(), name: name.to_owned(), fields };
            return self.holding.push(&room, held);
        }
        self.perform(asker, name, fields)
    }

    /// The room for which a command has to wait, because an earlier command of that room waits for a file.
    fn waiting_room(&self, name: &str, fields: &Fields) -> Option<Id> {
        if self.holding.is_empty() {
            return None;
        }
        let id = |name: &str| serde_json::from_value::<Id>(fields.get(name)?.clone()).ok();
        let own = match name.split('.').next()? {
            "play" => id("play").and_then(|play| self.registry.room_of(Kind::Play, &play)),
            "record" => {
                id("record").and_then(|record| self.registry.room_of(Kind::Record, &record))
            }
            "tap" => id("tap").and_then(|tap| self.registry.room_of(Kind::Tap, &tap)),
            _ => None,
        };
        let of_leg = id("leg").and_then(|leg| self.registry.room_of(Kind::Leg, &leg).cloned());
        let rooms = [own.cloned(), of_leg, id("room")];
        rooms.into_iter().flatten().find(|room| self.holding.holds(room))
    }

    fn perform(&mut self, asker: &Asker, name: &str, fields: Fields) -> Result<(), Refusal> {
        match name {
            "room.create" => self.room_create(asker, read(fields)?),
            "room.hear" => {
                let request: api::RoomHear = read(fields)?;
                let worker = self.registry.home(Kind::Room, &request.room)?;
                self.check_legs(worker, legs_of(&request))?;
                self.forward(asker, worker, Work::RoomHear(request))
            }
            "room.close" => {
                let api::RoomOnly { room } = read(fields)?;
                let worker = self.registry.home(Kind::Room, &room)?;
                self.forward(asker, worker, Work::RoomClose { room })
            }
            "leg.create" => self.leg_create(asker, read(fields)?),
            "leg.update" => self.leg_update(asker, read(fields)?),
            "leg.move" => self.leg_move(asker, read(fields)?),
            "leg.close" => self.leg_only(asker, fields, |leg| Work::LegClose { leg }),
            "leg.stats" => self.leg_only(asker, fields, |leg| Work::LegStats { leg }),
            "stats.every" => {
                let api::StatsEvery { leg, seconds } = read(fields)?;
                let worker = self.registry.home(Kind::Leg, &leg)?;
                self.forward(asker, worker, Work::StatsEvery { leg, seconds })
            }
            "dtmf.send" => {
                let request: DtmfSend = read(fields)?;
                let worker = self.registry.home(Kind::Leg, &request.leg)?;
                self.forward(asker, worker, Work::DtmfSend(request))
            }
            "detect.set" => {
                let request: DetectSet = read(fields)?;
                let worker = self.registry.home(Kind::Leg, &request.leg)?;
                self.forward(asker, worker, Work::DetectSet(request))
            }
            name if name.starts_with("play.") => self.play(asker, name, fields),
            name if name.starts_with("record.") => self.record(asker, name, fields),
            "list" => self.gather(asker, Gather::List),
            "stats" => self.gather(asker, Gather::Stats),
            "metrics" => self.gather(asker, Gather::Metrics),
            "tap.start" => self.tap_start(asker, read(fields)?),
            "tap.stop" => self.tap_stop(asker, read(fields)?),
            _ => Err(unknown(name)),
        }
    }

    pub(super) fn token(&mut self, pending: Pending) -> u64 {
        let token = self.next_token;
        self.next_token += 1;
        self.pending.insert(token, pending);
        token
    }

    pub(super) fn forward(
        &mut self,
        asker: &Asker,
        worker: usize,
        work: Work,
    ) -> Result<(), Refusal> {
        self.forward_new(asker, worker, work, None)
    }

    /// Sends a command; with `reserved`, the object that it makes and its room.
    pub(super) fn forward_new(
        &mut self,
        asker: &Asker,
        worker: usize,
        work: Work,
        reserved: Option<(Kind, Id, Id)>,
    ) -> Result<(), Refusal> {
        let reserved = reserved.map(|(kind, id, room)| {
            self.registry.insert(kind, id.clone(), worker, room);
            (kind, id)
        });
        let pending = Pending::Direct { asker: asker.clone(), reserved, moved_from: None };
        let token = self.token(pending);
        let sent = self.registry.send(worker, token, work);
        if sent.is_err()
            && let Some(Pending::Direct { reserved: Some((kind, id)), .. }) =
                self.pending.remove(&token)
        {
            self.forget(kind, &id);
        }
        sent
    }

    /// A leg on another worker is in another room for sure.
    pub(super) fn check_legs<'a>(
        &self,
        worker: usize,
        legs: impl IntoIterator<Item = &'a Id>,
    ) -> Result<(), Refusal> {
        for leg in legs {
            if self.registry.home(Kind::Leg, leg)? != worker {
                let message = format!("the leg {:?} is in another room", leg.as_str());
                return Err(Refusal::new("wrong_room", message));
            }
        }
        Ok(())
    }

    fn check_draining(&self) -> Result<(), Refusal> {
        if self.draining {
            return Err(Refusal::new("draining", "the engine takes no new calls"));
        }
        Ok(())
    }

    fn room_create(&mut self, asker: &Asker, request: api::RoomCreate) -> Result<(), Refusal> {
        self.check_draining()?;
        self.registry.check_new(Kind::Room, &request.room)?;
        let worker = match &request.near {
            Some(near) => self.registry.home(Kind::Room, near)?,
            None => self.registry.least_loaded(),
        };
        let reserved = Some((Kind::Room, request.room.clone(), request.room.clone()));
        self.forward_new(asker, worker, Work::RoomCreate(request.room), reserved)
    }

    fn leg_create(&mut self, asker: &Asker, mut fields: LegFields) -> Result<(), Refusal> {
        self.check_draining()?;
        let leg = fields.leg.take().ok_or_else(|| Refusal::invalid("leg is missing"))?;
        let room = fields.room.take().ok_or_else(|| Refusal::invalid("room is missing"))?;
        if fields.kind.is_none() {
            return Err(Refusal::invalid("kind is missing"));
        }
        self.registry.check_new(Kind::Leg, &leg)?;
        let worker = self.registry.home(Kind::Room, &room)?;
        let reserved = Some((Kind::Leg, leg.clone(), room.clone()));
        let work = Work::LegCreate { leg, room, fields: Box::new(fields) };
        self.forward_new(asker, worker, work, reserved)
    }

    fn leg_update(&mut self, asker: &Asker, mut fields: LegFields) -> Result<(), Refusal> {
        let leg = fields.leg.take().ok_or_else(|| Refusal::invalid("leg is missing"))?;
        if fields.room.is_some() || fields.kind.is_some() {
            return Err(Refusal::invalid("room and kind of a leg do not change"));
        }
        let worker = self.registry.home(Kind::Leg, &leg)?;
        self.forward(asker, worker, Work::LegUpdate { leg, fields: Box::new(fields) })
    }

    fn leg_move(&mut self, asker: &Asker, request: api::LegMove) -> Result<(), Refusal> {
        let api::LegMove { leg, room } = request;
        let from = self.registry.home(Kind::Leg, &leg)?;
        let to = self.registry.home(Kind::Room, &room)?;
        let from_room = self.registry.room_of(Kind::Leg, &leg).cloned();
        if from == to {
            self.registry.moved(Kind::Leg, &leg, &room);
            let moved_from = from_room.map(|before| (leg.clone(), before));
            let pending = Pending::Direct { asker: asker.clone(), reserved: None, moved_from };
            let token = self.token(pending);
            return self.registry.send(from, token, Work::LegMove { leg, room });
        }
        let (asker, aim) = (asker.clone(), room.clone());
        let moving = Pending::Moving { asker, leg: leg.clone(), room, from, to, from_room };
        let token = self.token(moving);
        self.registry.expect((from, to), token, &leg, &aim)
    }

    fn leg_only(
        &mut self,
        asker: &Asker,
        fields: Fields,
        work: impl Fn(Id) -> Work,
    ) -> Result<(), Refusal> {
        let api::LegOnly { leg } = read(fields)?;
        let worker = self.registry.home(Kind::Leg, &leg)?;
        self.forward(asker, worker, work(leg))
    }

    fn gather(&mut self, asker: &Asker, what: Gather) -> Result<(), Refusal> {
        let missing = self.registry.workers();
        let pending = Pending::Gather { asker: asker.clone(), what, missing, parts: Vec::new() };
        let token = self.token(pending);
        self.registry.broadcast(token, || match what {
            Gather::List => Work::List,
            Gather::Stats | Gather::Metrics => Work::Stats,
        });
        Ok(())
    }

    /// Takes a worker's answer; gives the clients' answers that are complete.
    pub fn answered(&mut self, message: FromWorker) -> Vec<Answer> {
        match message {
            FromWorker::Reply { token, outcome } => {
                return self.replied(token, outcome).into_iter().collect();
            }
            FromWorker::Extracted { token, leg } => {
                if let Some(Pending::Moving { asker, room, to, .. }) = self.pending.remove(&token) {
                    let pending = Pending::Direct { asker, reserved: None, moved_from: None };
                    let next = self.token(pending);
                    self.registry.arrive(to, Some((next, Work::LegAdopt { leg, room })));
                }
            }
            FromWorker::Prepared { token, prepared } => {
                let waited = self.pending.remove(&token);
                if let Some(Pending::Loading { asker, room, reserved, loading }) = waited {
                    let outcome = self.prepared(&asker, room.clone(), loading, prepared);
                    if outcome.is_err() {
                        self.forget(reserved.0, &reserved.1);
                    }
                    return self.go_on(&room, asker, outcome);
                }
            }
            FromWorker::Gone { kind, id } => {
                if let Some((kind, id)) = Kind::named(kind, &id) {
                    self.forget(kind, &id);
                }
            }
            FromWorker::Event { .. } => {}
        }
        Vec::new()
    }

    /// A room has waited; what was asked for meanwhile is done now. Answers what is refused.
    fn go_on(&mut self, room: &Id, first: Asker, outcome: Result<(), Refusal>) -> Vec<Answer> {
        let refused = |asker, outcome: Result<(), Refusal>| {
            outcome.err().map(|refusal| Answer { asker, outcome: Err(refusal) })
        };
        let mut answers: Vec<Answer> = refused(first, outcome).into_iter().collect();
        for Held { asker, name, fields } in self.holding.end(room) {
            let outcome = self.request(&asker, &name, fields);
            answers.extend(refused(asker, outcome));
        }
        answers
    }

    fn replied(&mut self, token: u64, outcome: Result<Value, Refusal>) -> Option<Answer> {
        match self.pending.remove(&token)? {
            Pending::Loading { .. } => None,
            Pending::Direct { asker, reserved, moved_from } => {
                if outcome.is_err() {
                    if let Some((kind, id)) = reserved {
                        self.forget(kind, &id);
                    }
                    if let Some((leg, room)) = moved_from {
                        self.registry.moved(Kind::Leg, &leg, &room);
                    }
                }
                Some(Answer { asker, outcome })
            }
            Pending::Moving { asker, leg, from, to, from_room, .. } => {
                // The worker did not let the leg go; it is still there, or gone for good.
                if let Some(room) = from_room {
                    self.registry.insert(Kind::Leg, leg.clone(), from, room);
                }
                if outcome.as_ref().is_err_and(|refusal| refusal.code == "not_found") {
                    self.registry.remove(Kind::Leg, &leg);
                }
                self.registry.arrive(to, None);
                Some(Answer { asker, outcome })
            }
            Pending::Gather { asker, what, missing, mut parts } => {
                parts.extend(outcome.ok());
                if missing > 1 {
                    let missing = missing - 1;
                    self.pending.insert(token, Pending::Gather { asker, what, missing, parts });
                    return None;
                }
                let value = match what {
                    Gather::List => merge(&parts),
                    Gather::Stats => json!({"workers": parts}),
                    Gather::Metrics => json!({"text": metrics::text(&parts)}),
                };
                Some(Answer { asker, outcome: Ok(value) })
            }
        }
    }
}

/// All legs that a change of the matrix names.
fn legs_of(request: &api::RoomHear) -> Vec<&Id> {
    let matrix = request.matrix.iter().flatten();
    let from_matrix = matrix.flat_map(|(ear, mouths)| {
        let heard = mouths.iter().map(|mouth| match mouth {
            api::Mouth::Plain(id) => id,
            api::Mouth::WithGain(mouth) => &mouth.mouth,
        });
        std::iter::once(ear).chain(heard)
    });
    let pairs = request.pairs.iter().flatten();
    from_matrix.chain(pairs.flat_map(|pair| [&pair.ear, &pair.mouth])).collect()
}

pub(super) fn unknown(name: &str) -> Refusal {
    Refusal::new("unknown_command", format!("there is no command {name:?}"))
}

pub(super) fn gain(db: Decibel) -> f32 {
    playing_gain(db.0)
}

/// The lists of all workers, joined by name.
fn merge(parts: &[Value]) -> Value {
    let join = |list: &str, id: &str| -> Vec<Value> {
        let all = parts.iter().filter_map(|part| part[list].as_array()).flatten();
        let mut all: Vec<Value> = all.cloned().collect();
        // The same order every time, whichever worker answers first.
        all.sort_by(|a, b| a[id].as_str().cmp(&b[id].as_str()));
        all
    };
    json!({
        "rooms": join("rooms", "room"), "legs": join("legs", "leg"),
        "plays": join("plays", "play"), "records": join("records", "record"),
        "taps": join("taps", "tap"),
    })
}
