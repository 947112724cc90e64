//! From a request to the worker that does it, and from its answer back to the client.

use std::collections::HashMap;
use std::os::unix::fs::OpenOptionsExt;
use std::sync::Arc;

use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use super::error::Refusal;
use super::metrics;
use super::registry::{Kind, Registry};
use crate::api::{
    self, Decibel, DetectSet, DtmfSend, Id, LegFields, RecordFormat, RecordStart, What,
};
use crate::outbox::FromWorker;
use crate::record::writer::{Opened, Status};
use crate::sound::cache::SoundCache;
use crate::sound::{Source, tones};
use crate::worker::playing_gain;
use crate::worker::work::{PlayWork, RecordWork, Work};

/// Files of one play.
const MAX_FILES: usize = 64;

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

#[derive(Debug)]
enum Pending {
    /// Reply as it comes; on a refusal the reserved id is given back.
    Direct { asker: Asker, reserved: Option<(Kind, Id)> },
    /// Every worker answers; the parts make one reply.
    Gather { asker: Asker, what: Gather, missing: usize, parts: Vec<Value> },
    /// A leg on its way to another worker.
    Moving { asker: Asker, leg: Id, room: Id, from: usize, to: usize },
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
    sounds: SoundCache,
    next_record: u64,
}

type Fields = Map<String, Value>;

fn read<T: DeserializeOwned>(fields: Fields) -> Result<T, Refusal> {
    serde_json::from_value(Value::Object(fields)).map_err(|e| Refusal::invalid(e.to_string()))
}

impl Dispatcher {
    pub fn new(registry: Registry) -> Self {
        Dispatcher {
            registry,
            draining: false,
            pending: HashMap::new(),
            next_token: 1,
            sounds: SoundCache::default(),
            next_record: 1,
        }
    }

    /// Starts a command; a refusal is answered at once, everything else when the worker has answered.
    pub fn request(&mut self, asker: &Asker, name: &str, fields: Fields) -> Result<(), Refusal> {
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
            "tap.start" | "tap.stop" | "stream.attach" => {
                Err(Refusal::new("not_supported", format!("{name:?} is not in this engine")))
            }
            _ => Err(unknown(name)),
        }
    }

    fn token(&mut self, pending: Pending) -> u64 {
        let token = self.next_token;
        self.next_token += 1;
        self.pending.insert(token, pending);
        token
    }

    fn forward(&mut self, asker: &Asker, worker: usize, work: Work) -> Result<(), Refusal> {
        self.forward_new(asker, worker, work, None)
    }

    /// Sends a command; with `reserved`, the id of the object that it makes.
    fn forward_new(
        &mut self,
        asker: &Asker,
        worker: usize,
        work: Work,
        reserved: Option<(Kind, Id)>,
    ) -> Result<(), Refusal> {
        if let Some((kind, id)) = &reserved {
            self.registry.insert(*kind, id.clone(), worker);
        }
        let token = self.token(Pending::Direct { asker: asker.clone(), reserved });
        let sent = self.registry.send(worker, token, work);
        if sent.is_err()
            && let Some(Pending::Direct { reserved: Some((kind, id)), .. }) =
                self.pending.remove(&token)
        {
            self.registry.remove(kind, &id);
        }
        sent
    }

    /// A leg on another worker is in another room for sure.
    fn check_legs<'a>(
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
        let reserved = Some((Kind::Room, request.room.clone()));
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
        let reserved = Some((Kind::Leg, leg.clone()));
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
        if from == to {
            return self.forward(asker, from, Work::LegMove { leg, room });
        }
        let moving = Pending::Moving { asker: asker.clone(), leg: leg.clone(), room, from, to };
        let token = self.token(moving);
        self.registry.expect(from, to, token, &leg)
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

    fn play(&mut self, asker: &Asker, name: &str, fields: Fields) -> Result<(), Refusal> {
        let (play, work) = match name {
            "play.start" => return self.play_start(asker, read(fields)?),
            "play.stop" => {
                let api::PlayOnly { play } = read(fields)?;
                (play.clone(), Work::PlayStop(play))
            }
            "play.seek" => {
                let api::PlaySeek { play, at_ms } = read(fields)?;
                (play.clone(), Work::PlaySeek { play, at_ms })
            }
            "play.gain" => {
                let api::PlayGain { play, gain_db } = read(fields)?;
                (play.clone(), Work::PlayGain { play, gain: gain(gain_db) })
            }
            _ => return Err(unknown(name)),
        };
        let worker = self.registry.home(Kind::Play, &play)?;
        self.forward(asker, worker, work)
    }

    fn play_start(&mut self, asker: &Asker, request: api::PlayStart) -> Result<(), Refusal> {
        self.registry.check_new(Kind::Play, &request.play)?;
        let worker = match (&request.leg, &request.room) {
            (Some(leg), None) => self.registry.home(Kind::Leg, leg)?,
            (None, Some(room)) => self.registry.home(Kind::Room, room)?,
            _ => return Err(Refusal::invalid("either leg or room is needed")),
        };
        let source = self.source(&request.what)?;
        let reserved = Some((Kind::Play, request.play.clone()));
        let work = PlayWork {
            play: request.play,
            leg: request.leg,
            room: request.room,
            source,
            gain: gain(request.gain_db),
            duck: gain(request.duck_db).min(1.0),
            over: request.over,
        };
        self.forward_new(asker, worker, Work::PlayStart(Box::new(work)), reserved)
    }

    fn source(&mut self, what: &What) -> Result<Source, Refusal> {
        match what {
            What { stream: Some(_), .. } => {
                Err(Refusal::new("not_supported", "streams are not in this engine"))
            }
            What {
                files: Some(files),
                repeat,
                shared_loop: None,
                tone: None,
                silence_ms: None,
                ..
            } => {
                if files.is_empty() || files.len() > MAX_FILES {
                    return Err(Refusal::invalid(format!("files has 1 to {MAX_FILES} entries")));
                }
                let clips = files.iter().map(|path| self.sounds.load(path));
                let clips = clips.collect::<Result<_, _>>()?;
                Ok(Source::Clips { clips, repeat: repeat.unwrap_or(1) })
            }
            What { shared_loop: Some(path), tone: None, silence_ms: None, .. } => {
                Ok(Source::SharedLoop(self.sounds.load(path)?))
            }
            What { tone: Some(tone), country, silence_ms: None, .. } => {
                let (clip, repeats) = tones::clip(tone, country.as_deref())
                    .ok_or_else(|| Refusal::invalid(format!("there is no tone {tone:?}")))?;
                let repeat = if repeats { 0 } else { 1 };
                Ok(Source::Clips { clips: vec![Arc::new(clip)], repeat })
            }
            What { silence_ms: Some(ms), .. } => Ok(Source::Silence { ms: u64::from(*ms) }),
            _ => Err(Refusal::invalid("what is one of files, loop, tone, silence_ms, stream")),
        }
    }

    fn record(&mut self, asker: &Asker, name: &str, fields: Fields) -> Result<(), Refusal> {
        let (record, work) = match name {
            "record.start" => return self.record_start(asker, read(fields)?),
            "record.update" => {
                let request: api::RecordUpdate = read(fields)?;
                self.check_record_move(&request)?;
                (request.record.clone(), Work::RecordUpdate(request))
            }
            "record.pause" | "record.resume" => {
                let api::RecordOnly { record } = read(fields)?;
                let paused = name == "record.pause";
                (record.clone(), Work::RecordPause { record, paused })
            }
            "record.stop" => {
                let api::RecordOnly { record } = read(fields)?;
                (record.clone(), Work::RecordStop(record))
            }
            _ => return Err(unknown(name)),
        };
        let worker = self.registry.home(Kind::Record, &record)?;
        self.forward(asker, worker, work)
    }

    fn check_record_move(&self, request: &api::RecordUpdate) -> Result<(), Refusal> {
        let worker = self.registry.home(Kind::Record, &request.record)?;
        if let Some(room) = &request.room
            && self.registry.home(Kind::Room, room)? != worker
        {
            let message = "the room lives on another worker: it must be created near the first";
            return Err(Refusal::new("not_supported", message));
        }
        let sides = request.left.iter().flatten().chain(request.right.iter().flatten());
        self.check_legs(worker, sides)
    }

    fn record_start(&mut self, asker: &Asker, request: RecordStart) -> Result<(), Refusal> {
        self.registry.check_new(Kind::Record, &request.record)?;
        let worker = self.registry.home(Kind::Room, &request.room)?;
        self.check_legs(worker, request.left.iter().chain(&request.right))?;
        let rate = request.rate.unwrap_or(8000);
        if rate != 8000 && rate != 16000 {
            return Err(Refusal::invalid("rate is 8000 or 16000"));
        }
        if request.max_seconds == Some(0) {
            return Err(Refusal::invalid("max_seconds is at least 1"));
        }
        let file = create_file(&request.path)?;
        let status = Arc::new(Status::default());
        let encoding = match request.format {
            RecordFormat::Pcm16 => wav::Encoding::Pcm16,
            RecordFormat::Mulaw => wav::Encoding::Ulaw,
            RecordFormat::Alaw => wav::Encoding::Alaw,
        };
        let opened = Opened {
            id: request.record.as_str().to_owned(),
            path: request.path,
            file,
            encoding,
            rate,
            status: status.clone(),
        };
        let key = self.next_record;
        self.next_record += 1;
        let reserved = Some((Kind::Record, request.record.clone()));
        let work = RecordWork {
            record: request.record,
            room: request.room,
            left: request.left,
            right: request.right,
            max_seconds: request.max_seconds,
            key,
            status,
            opened,
        };
        self.forward_new(asker, worker, Work::RecordStart(Box::new(work)), reserved)
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

    /// Takes a worker's answer; gives the client's, when it is complete.
    pub fn answered(&mut self, message: FromWorker) -> Option<Answer> {
        match message {
            FromWorker::Reply { token, outcome } => self.replied(token, outcome),
            FromWorker::Extracted { token, leg } => {
                let Pending::Moving { asker, room, to, .. } = self.pending.remove(&token)? else {
                    return None;
                };
                let next = self.token(Pending::Direct { asker, reserved: None });
                self.registry.arrive(to, Some((next, Work::LegAdopt { leg, room })));
                None
            }
            gone @ FromWorker::Gone { .. } => {
                self.registry.gone(&gone);
                None
            }
            FromWorker::Event { .. } => None,
        }
    }

    fn replied(&mut self, token: u64, outcome: Result<Value, Refusal>) -> Option<Answer> {
        match self.pending.remove(&token)? {
            Pending::Direct { asker, reserved } => {
                if let (Err(_), Some((kind, id))) = (&outcome, reserved) {
                    self.registry.remove(kind, &id);
                }
                Some(Answer { asker, outcome })
            }
            Pending::Moving { asker, leg, from, to, .. } => {
                // The worker did not let the leg go; it is still there, or gone for good.
                self.registry.insert(Kind::Leg, leg.clone(), from);
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

fn unknown(name: &str) -> Refusal {
    Refusal::new("unknown_command", format!("there is no command {name:?}"))
}

fn gain(db: Decibel) -> f32 {
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
    })
}

/// A new file for a recording; nobody else may read it.
fn create_file(path: &str) -> Result<std::fs::File, Refusal> {
    let opened =
        std::fs::OpenOptions::new().read(true).write(true).create_new(true).mode(0o600).open(path);
    opened.map_err(|error| {
        use std::io::ErrorKind::{AlreadyExists, QuotaExceeded, StorageFull};
        let code = match error.kind() {
            AlreadyExists => "file_exists",
            StorageFull | QuotaExceeded => "disk_full",
            _ => "file_unreadable",
        };
        Refusal::new(code, format!("{path:?} cannot be made: {error}"))
    })
}
