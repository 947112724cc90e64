//! Commands for plays, digits and detection.

use codec::level::factor;
use serde_json::{Value, json};

use super::Worker;
use super::commands::Outcome;
use super::digits::Order;
use super::play::{Play, Target};
use super::room::{MAX_PLAYS, Room};
use super::work::PlayWork;
use crate::api::{DetectSet, DtmfMethod, DtmfSend, Id};
use crate::control::error::Refusal;
use crate::outbox::Outbox;

const DEFAULT_TONE_MS: u32 = 100;
const DEFAULT_GAP_MS: u32 = 80;
const DEFAULT_LEVEL: f32 = -10.0;

pub(super) fn report_done(outbox: &Outbox, play: &Play, reason: &str) {
    let fields = json!({"play": play.id.as_str(), "reason": reason, "at_ms": play.at_ms});
    outbox.gone("play", play.id.as_str());
    outbox.event("play.done", fields);
}

impl Worker {
    pub(super) fn play_start(&mut self, work: PlayWork) -> Outcome {
        let (at, target) = match (&work.leg, &work.room) {
            (Some(leg), None) => {
                let leg = self.leg(leg)?;
                (leg.room, Target::Slot(leg.slot))
            }
            (None, Some(room)) => (self.room_at(room)?, Target::Everybody),
            _ => return Err(Refusal::invalid("either leg or room is needed")),
        };
        let duration = work.source.duration_ms();
        let Some(room) = self.rooms[at].as_mut() else { return Ok(Value::Null) };
        let is_replaced = |play: &Play| {
            !work.over && !play.over && play.target == target && play.stopping.is_none()
        };
        let after = room.plays.iter().filter(|play| !is_replaced(play)).count();
        if after >= MAX_PLAYS || room.plays.len() >= MAX_PLAYS {
            let message = format!("at most {MAX_PLAYS} plays at once");
            return Err(Refusal::new("limit_reached", message));
        }
        for play in room.plays.iter_mut().filter(|play| is_replaced(play)) {
            play.stopping = Some("replaced");
        }
        room.plays.push(Play {
            id: work.play.clone(),
            target,
            source: work.source,
            at_ms: 0,
            gain: work.gain,
            gain_now: 0.0,
            duck: work.duck,
            over: work.over,
            stopping: None,
        });
        self.play_rooms.insert(work.play.clone(), at);
        if let Some(room) = self.rooms[at].as_mut() {
            room.plan(&mut self.legs);
        }
        Ok(json!({"play": work.play.as_str(), "duration_ms": duration}))
    }

    fn with_play<T>(&mut self, id: &Id, work: impl FnOnce(&mut Play) -> T) -> Result<T, Refusal> {
        let room = self.play_rooms.get(id).and_then(|at| self.rooms[*at].as_mut());
        let play = room.and_then(|room| room.plays.iter_mut().find(|play| play.id == *id));
        play.map(work).ok_or_else(|| Refusal::unknown("play", id.as_str()))
    }

    pub(super) fn play_stop(&mut self, id: &Id) -> Outcome {
        let room = self.play_rooms.get(id).copied();
        let at_ms = self.with_play(id, |play| {
            play.stopping.get_or_insert("stopped");
            play.at_ms
        })?;
        self.settle_unheard(room);
        Ok(json!({"at_ms": at_ms}))
    }

    /// In a room without ticks nobody hears the play: it ends at once.
    fn settle_unheard(&mut self, room: Option<usize>) {
        let Some(room) = room.and_then(|at| self.rooms[at].as_mut()) else { return };
        if !room.ticking {
            end_plays(room, &self.setup.outbox, &mut self.play_rooms, |play| play.stopping);
        }
    }

    pub(super) fn play_seek(&mut self, id: &Id, at_ms: u64) -> Outcome {
        self.with_play(id, |play| play.at_ms = at_ms)?;
        Ok(json!({}))
    }

    pub(super) fn play_gain(&mut self, id: &Id, gain: f32) -> Outcome {
        self.with_play(id, |play| play.gain = gain)?;
        Ok(json!({}))
    }

    pub(super) fn end_plays_of(&mut self, room: usize, slot: usize) {
        let Some(room) = self.rooms.get_mut(room).and_then(Option::as_mut) else { return };
        end_plays(room, &self.setup.outbox, &mut self.play_rooms, |play| {
            (play.target == Target::Slot(slot)).then_some("leg_closed")
        });
    }

    pub(super) fn end_plays_and_records(&mut self, room: usize, reason: &'static str) {
        let now_us = self.now_us;
        let Some(room) = self.rooms.get_mut(room).and_then(Option::as_mut) else { return };
        end_plays(room, &self.setup.outbox, &mut self.play_rooms, |_| Some("leg_closed"));
        for record in room.records.drain(..) {
            self.record_rooms.remove(&record.id);
            record.finish(reason, now_us);
        }
    }

    pub(super) fn dtmf_send(&mut self, request: DtmfSend) -> Outcome {
        let leg = self.leg_mut(&request.leg)?;
        let digits: Vec<char> = request.digits.chars().collect();
        let known = |digit: &char| *digit == ',' || rtp::event::event_of(*digit).is_some();
        if digits.is_empty() || !digits.iter().all(known) {
            return Err(Refusal::invalid("digits are of 0-9 * # A-D and ,"));
        }
        if digits.len() > leg.digits.free() {
            return Err(Refusal::new("limit_reached", "too many digits wait on this leg"));
        }
        let tone_ms = request.tone_ms.unwrap_or(DEFAULT_TONE_MS);
        let gap_ms = request.gap_ms.unwrap_or(DEFAULT_GAP_MS);
        let level = request.volume_dbm0.unwrap_or(DEFAULT_LEVEL);
        if !(40..=8000).contains(&tone_ms) || !(40..=5000).contains(&gap_ms) {
            return Err(Refusal::invalid("tone_ms is 40 to 8000, gap_ms 40 to 5000"));
        }
        if !(-36.0..=0.0).contains(&level) {
            return Err(Refusal::invalid("volume_dbm0 is -36 to 0"));
        }
        let inband = match (request.method, leg.settings.dtmf_pt) {
            (DtmfMethod::Inband, _) | (DtmfMethod::Auto, None) => true,
            (_, Some(_)) => false,
            (DtmfMethod::Rfc4733, None) => {
                return Err(Refusal::invalid("the leg has no dtmf_pt"));
            }
        };
        for digit in digits {
            leg.digits.push(Order { digit, inband, tone_ms, gap_ms, level, relayed: false });
        }
        let room = leg.room;
        if let Some(room) = self.rooms[room].as_mut() {
            room.plan(&mut self.legs);
        }
        Ok(json!({}))
    }

    pub(super) fn detect_set(&mut self, request: &DetectSet) -> Outcome {
        let leg = self.leg_mut(&request.leg)?;
        if let Some(on) = request.machine {
            leg.detect.set_machine(on);
        }
        leg.detect.set_tones(request.beep, request.fax);
        if let Some(on) = request.dtmf_inband {
            leg.detect.set_inband(on);
        }
        leg.detect.talk = request.talk.unwrap_or(leg.detect.talk);
        if let Some(ms) = request.silence_ms {
            leg.detect.set_silence(ms);
        }
        let room = leg.room;
        if let Some(room) = self.rooms[room].as_mut() {
            room.plan(&mut self.legs);
        }
        Ok(json!({}))
    }
}

/// Ends the plays for which `why` has a reason, without a glide.
fn end_plays(
    room: &mut Room,
    outbox: &Outbox,
    play_rooms: &mut std::collections::HashMap<Id, usize>,
    why: impl Fn(&Play) -> Option<&'static str>,
) {
    room.plays.retain(|play| {
        let Some(reason) = why(play) else { return true };
        play_rooms.remove(&play.id);
        report_done(outbox, play, reason);
        false
    });
}

/// Amplitude factor of a gain of the protocol.
pub fn gain_factor(db: f32) -> f32 {
    factor(db)
}
