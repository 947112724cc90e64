//! Commands: dispatch, rooms, the hearing matrix, what `list` tells.

use codec::level::factor;
use mixer::MAX_LEGS;
use serde_json::{Map, Value, json};

use super::room::Room;
use super::work::Work;
use super::{PHASES, Worker};
use crate::api::{Id, Mouth, RoomHear};
use crate::control::error::Refusal;

pub(super) type Outcome = Result<Value, Refusal>;

/// One change of the matrix: ear slot, mouth slot, factor.
type Change = (usize, usize, f32);

impl Worker {
    pub(super) fn command(&mut self, token: u64, work: Work) {
        let outcome = match work {
            Work::CloseAll { reason } => return self.close_all(reason),
            Work::Stop => {
                self.close_all("shutdown");
                self.stopping = true;
                return;
            }
            Work::LegExtract { leg } => match self.extract_leg(token, &leg) {
                Ok(()) => return,
                Err(refusal) => Err(refusal),
            },
            other => self.perform(other),
        };
        self.setup.outbox.reply(token, outcome);
    }

    fn perform(&mut self, work: Work) -> Outcome {
        match work {
            Work::RoomCreate(room) => self.create_room(room),
            Work::RoomHear(request) => self.hear(request),
            Work::RoomClose { room } => self.close_room(&room),
            Work::LegCreate { leg, room, fields } => self.create_leg(leg, &room, *fields),
            Work::LegUpdate { leg, fields } => self.update_leg(&leg, *fields),
            Work::LegMove { leg, room } => self.move_leg(&leg, &room),
            Work::LegAdopt { leg, room } => self.adopt_leg(leg, &room),
            Work::LegClose { leg } => self.close_leg(&leg),
            Work::LegStats { leg } => self.leg_stats(&leg),
            Work::StatsEvery { leg, seconds } => self.stats_every(&leg, seconds),
            Work::PlayStart(play) => self.play_start(*play),
            Work::PlayStop(play) => self.play_stop(&play),
            Work::PlaySeek { play, at_ms } => self.play_seek(&play, at_ms),
            Work::PlayGain { play, gain } => self.play_gain(&play, gain),
            Work::TapStart { leg, tap } => self.tap_start(&leg, *tap),
            Work::TapStop { leg, tap } => self.tap_stop(&leg, &tap),
            Work::DtmfSend(request) => self.dtmf_send(request),
            Work::DetectSet(request) => self.detect_set(&request),
            Work::RecordStart(record) => self.record_start(*record),
            Work::RecordUpdate(request) => self.record_update(&request),
            Work::RecordPause { record, paused } => self.record_pause(&record, paused),
            Work::RecordStop(record) => self.record_stop(&record),
            Work::List => Ok(self.list()),
            Work::Stats => Ok(self.stats()),
            Work::LegExtract { .. } | Work::CloseAll { .. } | Work::Stop => Ok(Value::Null),
        }
    }

    fn create_room(&mut self, id: Id) -> Outcome {
        // The phase with the fewest rooms keeps the work of ticks even.
        let phase = (0..PHASES).min_by_key(|phase| self.phases[*phase].len()).unwrap_or(0);
        let room = Some(Box::new(Room::new(id.clone(), phase)));
        let at = match self.free_rooms.pop() {
            Some(at) => {
                self.rooms[at] = room;
                at
            }
            None => {
                self.rooms.push(room);
                self.rooms.len() - 1
            }
        };
        self.phases[phase].push(at);
        self.room_ids.insert(id.clone(), at);
        Ok(json!({"room": id.as_str(), "worker": self.setup.index}))
    }

    pub(super) fn room_at(&self, id: &Id) -> Result<usize, Refusal> {
        self.room_ids.get(id).copied().ok_or_else(|| Refusal::unknown("room", id.as_str()))
    }

    fn close_room(&mut self, id: &Id) -> Outcome {
        let at = self.room_at(id)?;
        let legs = self.rooms[at].as_ref().map_or(0, |room| room.legs().count());
        self.end_room(at, "room_closed");
        Ok(json!({"legs": legs}))
    }

    fn close_all(&mut self, reason: &'static str) {
        for at in 0..self.rooms.len() {
            if self.rooms[at].is_some() {
                self.end_room(at, reason);
            }
        }
    }

    /// Ends a room with all that is in it; survives a room that is half broken.
    pub(super) fn end_room(&mut self, at: usize, reason: &'static str) {
        let legs: Vec<usize> = (0..self.legs.len())
            .filter(|leg| self.legs[*leg].as_ref().is_some_and(|leg| leg.room == at))
            .collect();
        let record_reason = if reason == "room_closed" || reason == "abandoned" {
            "room_closed"
        } else {
            "stopped"
        };
        self.end_plays_and_records(at, record_reason);
        for leg in legs {
            self.end_leg(leg, reason);
        }
        self.rooms[at] = None;
        self.free_rooms.push(at);
        for phase in &mut self.phases {
            phase.retain(|room| *room != at);
        }
        let id = self.room_ids.iter().find(|(_, room)| **room == at).map(|(id, _)| id.clone());
        if let Some(id) = id {
            self.room_ids.remove(&id);
            self.setup.outbox.gone("room", id.as_str());
            self.setup.outbox.event("room.closed", json!({"room": id.as_str(), "reason": reason}));
        }
    }

    fn hear(&mut self, request: RoomHear) -> Outcome {
        let at = self.room_at(&request.room)?;
        let changes = match (&request.matrix, &request.pairs) {
            (Some(_), None) => self.matrix_changes(at, &request)?,
            (None, Some(_)) => self.pair_changes(at, &request)?,
            _ => return Err(Refusal::invalid("either matrix or pairs is needed")),
        };
        let Some(room) = self.rooms[at].as_mut() else { return Ok(json!({})) };
        for ear in 0..MAX_LEGS {
            let heard_nothing =
                room.matrix.audible(ear) == 0 && !room.plays.iter().any(|play| play.is_for(ear));
            for (_, mouth, factor) in changes.iter().filter(|change| change.0 == ear) {
                room.matrix.set(ear, *mouth, *factor);
            }
            // What starts from silence needs no glide: payloads can go through from the first one.
            if heard_nothing {
                room.matrix.settle(ear);
            }
        }
        room.plan(&mut self.legs);
        Ok(json!({}))
    }

    fn slot_in(&self, room: usize, id: &Id) -> Result<usize, Refusal> {
        let leg = self.leg(id)?;
        if leg.room != room {
            let message = format!("the leg {id:?} is in another room", id = id.as_str());
            return Err(Refusal::new("wrong_room", message));
        }
        Ok(leg.slot)
    }

    fn matrix_changes(&self, at: usize, request: &RoomHear) -> Result<Vec<Change>, Refusal> {
        let mut factors = [[0f32; MAX_LEGS]; MAX_LEGS];
        for (ear, mouths) in request.matrix.iter().flatten() {
            let ear = self.slot_in(at, ear)?;
            for mouth in mouths {
                let (id, gain) = match mouth {
                    Mouth::Plain(id) => (id, 0.0),
                    Mouth::WithGain(mouth) => (&mouth.mouth, mouth.gain_db.0),
                };
                factors[ear][self.slot_in(at, id)?] = factor(gain);
            }
        }
        let every = (0..MAX_LEGS).flat_map(|ear| (0..MAX_LEGS).map(move |mouth| (ear, mouth)));
        Ok(every.map(|(ear, mouth)| (ear, mouth, factors[ear][mouth])).collect())
    }

    fn pair_changes(&self, at: usize, request: &RoomHear) -> Result<Vec<Change>, Refusal> {
        let pairs = request.pairs.iter().flatten();
        pairs
            .map(|pair| {
                let factor = if pair.hears { factor(pair.gain_db.0) } else { 0.0 };
                Ok((self.slot_in(at, &pair.ear)?, self.slot_in(at, &pair.mouth)?, factor))
            })
            .collect()
    }

    fn list(&self) -> Value {
        let rooms: Vec<Value> =
            self.rooms.iter().flatten().map(|room| self.describe(room)).collect();
        let legs: Vec<Value> = self
            .legs
            .iter()
            .flatten()
            .map(|leg| {
                let room = self.rooms.get(leg.room).and_then(Option::as_ref);
                json!({
                    "leg": leg.id.as_str(),
                    "room": room.map(|room| room.id.as_str()),
                    "tag": leg.settings.tag,
                    "local": self.local(leg),
                    "received": leg.rx.reception.packets,
                    "sent": leg.tx.rewriter.packets,
                })
            })
            .collect();
        let taps: Vec<Value> = self
            .legs
            .iter()
            .flatten()
            .flat_map(|leg| leg.taps.iter().map(move |tap| (leg, tap)))
            .map(|(leg, tap)| json!({"tap": tap.id.as_str(), "leg": leg.id.as_str()}))
            .collect();
        let all_rooms = || self.rooms.iter().flatten();
        let plays: Vec<Value> = all_rooms()
            .flat_map(|room| room.plays.iter().map(move |play| (room, play)))
            .map(|(room, play)| {
                json!({
                    "play": play.id.as_str(), "room": room.id.as_str(), "at_ms": play.at_ms,
                })
            })
            .collect();
        let records: Vec<Value> = all_rooms()
            .flat_map(|room| room.records.iter().map(move |record| (room, record)))
            .map(|(room, record)| {
                json!({
                    "record": record.id.as_str(), "room": room.id.as_str(),
                    "path": record.path, "paused": record.paused,
                    "at_ms": record.at_ms(self.now_us),
                })
            })
            .collect();
        json!({"rooms": rooms, "legs": legs, "plays": plays, "records": records, "taps": taps})
    }

    fn describe(&self, room: &Room) -> Value {
        let name = |slot: usize| {
            let leg = self.legs[room.slots[slot]?].as_ref()?;
            Some(leg.id.as_str())
        };
        let mut matrix = Map::new();
        for (slot, _) in room.legs() {
            let mouths = room.matrix.mouths(slot);
            let heard: Vec<&str> =
                (0..MAX_LEGS).filter(|m| mouths & (1 << m) != 0).filter_map(name).collect();
            if let Some(ear) = name(slot) {
                matrix.insert(ear.to_owned(), json!(heard));
            }
        }
        let legs: Vec<&str> = room.legs().filter_map(|(slot, _)| name(slot)).collect();
        json!({
            "room": room.id.as_str(), "worker": self.setup.index, "legs": legs, "matrix": matrix,
        })
    }
}
