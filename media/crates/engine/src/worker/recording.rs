//! Commands for recordings.

use serde_json::json;

use super::Worker;
use super::commands::Outcome;
use super::room::MAX_RECORDS;
use super::work::RecordWork;
use crate::api::{Id, RecordUpdate};
use crate::control::error::Refusal;
use crate::record::ring::{Recording, Start};
use crate::record::writer::Job;

impl Worker {
    pub(super) fn record_start(&mut self, work: RecordWork) -> Outcome {
        let started = self.begin_record(&work.room, &work);
        let at = match started {
            Ok(at) => at,
            Err(refusal) => {
                // Nothing was recorded: the file that was made for it goes away.
                let _ = self.setup.recordings.send(Job::Discard { path: work.opened.path });
                return Err(refusal);
            }
        };
        let path = work.opened.path.clone();
        let mut recording = Recording::new(
            Start {
                id: work.record.clone(),
                path: path.clone(),
                key: work.key,
                rate: work.opened.rate,
                max_seconds: work.max_seconds,
                status: work.status,
                jobs: self.setup.recordings.clone(),
            },
            self.now_us,
        );
        let _ = self.setup.recordings.send(Job::Open { key: work.key, opened: work.opened });
        for (side, ids) in [(0, &work.left), (1, &work.right)] {
            for id in ids {
                recording.sides[self.leg(id)?.slot] = Some(side);
            }
        }
        if let Some(room) = self.rooms[at].as_mut() {
            room.records.push(recording);
        }
        self.record_rooms.insert(work.record.clone(), at);
        Ok(json!({"record": work.record.as_str(), "path": path}))
    }

    fn begin_record(&self, room: &Id, work: &RecordWork) -> Result<usize, Refusal> {
        let at = self.room_at(room)?;
        self.check_sides(at, work.left.iter().chain(&work.right))?;
        let count = self.rooms[at].as_ref().map_or(0, |room| room.records.len());
        if count >= MAX_RECORDS {
            let message = format!("a room has at most {MAX_RECORDS} records");
            return Err(Refusal::new("limit_reached", message));
        }
        Ok(at)
    }

    fn check_sides<'a>(
        &self,
        room: usize,
        legs: impl Iterator<Item = &'a Id>,
    ) -> Result<(), Refusal> {
        for id in legs {
            if self.leg(id)?.room != room {
                let message = format!("the leg {:?} is in another room", id.as_str());
                return Err(Refusal::new("wrong_room", message));
            }
        }
        Ok(())
    }

    pub(super) fn record_update(&mut self, request: &RecordUpdate) -> Outcome {
        let from = self.record_room(&request.record)?;
        let to = match &request.room {
            Some(room) => self.room_at(room)?,
            None => from,
        };
        let both = request.left.iter().flatten().chain(request.right.iter().flatten());
        self.check_sides(to, both)?;
        let mut sides: Vec<(usize, u8)> = Vec::new();
        for (side, ids) in [(0, &request.left), (1, &request.right)] {
            for id in ids.iter().flatten() {
                sides.push((self.leg(id)?.slot, side));
            }
        }
        let Some(mut record) = self.take_record(&request.record) else {
            return Err(Refusal::unknown("record", request.record.as_str()));
        };
        for slot in 0..mixer::MAX_LEGS {
            let given = match record.sides[slot] {
                Some(0) => request.left.is_some(),
                Some(_) => request.right.is_some(),
                None => false,
            };
            if given || from != to {
                let keeps = from == to && sides.iter().any(|(at, _)| *at == slot);
                if !keeps {
                    record.forget(slot);
                }
            }
        }
        for (slot, side) in sides {
            record.sides[slot] = Some(side);
        }
        if let Some(room) = self.rooms[to].as_mut() {
            room.records.push(record);
        }
        self.record_rooms.insert(request.record.clone(), to);
        Ok(json!({}))
    }

    fn record_room(&self, id: &Id) -> Result<usize, Refusal> {
        let room = self.record_rooms.get(id).copied();
        room.ok_or_else(|| Refusal::unknown("record", id.as_str()))
    }

    fn take_record(&mut self, id: &Id) -> Option<Recording> {
        let room = self.rooms[self.record_rooms.remove(id)?].as_mut()?;
        let at = room.records.iter().position(|record| record.id == *id)?;
        Some(room.records.swap_remove(at))
    }

    pub(super) fn record_pause(&mut self, id: &Id, paused: bool) -> Outcome {
        let (room, now_us) = (self.record_room(id)?, self.now_us);
        let room = self.rooms[room].as_mut();
        let record = room.and_then(|room| room.records.iter_mut().find(|record| record.id == *id));
        let record = record.ok_or_else(|| Refusal::unknown("record", id.as_str()))?;
        Ok(json!({"at_ms": record.pause(paused, now_us)}))
    }

    pub(super) fn record_stop(&mut self, id: &Id) -> Outcome {
        let record = self.take_record(id);
        let record = record.ok_or_else(|| Refusal::unknown("record", id.as_str()))?;
        let at_ms = record.at_ms(self.now_us);
        record.finish("stopped", self.now_us);
        Ok(json!({"at_ms": at_ms}))
    }

    /// Flushes chunks; ends what has to end.
    pub(super) fn visit_records(&mut self) {
        let now_us = self.now_us;
        for room in self.rooms.iter_mut().flatten() {
            let mut at = 0;
            while at < room.records.len() {
                match room.records[at].visit(now_us) {
                    Some(reason) => {
                        let record = room.records.swap_remove(at);
                        self.record_rooms.remove(&record.id);
                        record.finish(reason, now_us);
                    }
                    None => at += 1,
                }
            }
        }
    }
}
