//! Taps: a leg's audio to a client, at the end of each tick.

use serde_json::json;

use super::Worker;
use super::commands::Outcome;
use super::leg::{Ear, Leg};
use super::room::Room;
use crate::api::Id;
use crate::control::error::Refusal;
use crate::streams::tap::{MAX_TAPS, Tap};

/// The mouths that the taps of a leg want decoded, at 8 and at 16 kHz.
pub(super) fn tapped_mouths(leg: &Leg, slot: usize) -> (mixer::Legs, mixer::Legs) {
    let mut wanted = [0, 0];
    for tap in &leg.taps {
        let at = usize::from(tap.rate != 8000);
        if tap.side.says() {
            wanted[at] |= 1 << slot;
        }
        if let (true, Ear::Pass(mouth)) = (tap.side.hears(), leg.ear) {
            wanted[at] |= 1 << mouth;
        }
    }
    (wanted[0], wanted[1])
}

impl Worker {
    pub(super) fn tap_start(&mut self, id: &Id, tap: Tap) -> Outcome {
        let leg = self.leg_mut(id)?;
        if leg.taps.len() >= MAX_TAPS {
            let message = format!("a leg has at most {MAX_TAPS} taps");
            return Err(Refusal::new("limit_reached", message));
        }
        let reply = json!({"tap": tap.id.as_str(), "rate": tap.rate});
        leg.taps.push(tap);
        let room = leg.room;
        self.plan(room);
        Ok(reply)
    }

    pub(super) fn tap_stop(&mut self, id: &Id, tap: &Id) -> Outcome {
        let at = *self.leg_ids.get(id).ok_or_else(|| Refusal::unknown("leg", id.as_str()))?;
        let Some(mut leg) = self.legs[at].take() else {
            return Err(Refusal::unknown("leg", id.as_str()));
        };
        let before = leg.taps.len();
        self.end_taps(&mut leg, "stopped", |candidate| candidate.id == *tap);
        let (after, room) = (leg.taps.len(), leg.room);
        self.legs[at] = Some(leg);
        self.plan(room);
        if before == after {
            return Err(Refusal::unknown("tap", tap.as_str()));
        }
        Ok(json!({}))
    }

    fn plan(&mut self, room: usize) {
        self.ticking_changed = true;
        if let Some(room) = self.rooms.get_mut(room).and_then(Option::as_mut) {
            room.plan(&mut self.legs);
        }
    }

    pub(super) fn end_taps(&self, leg: &mut Leg, reason: &str, which: impl Fn(&Tap) -> bool) {
        leg.taps.retain(|tap| {
            if !which(tap) {
                return true;
            }
            let fields = json!({
                "tap": tap.id.as_str(), "leg": leg.id.as_str(), "reason": reason,
                "told_ms": tap.told_ms, "lost_ms": tap.lost_ms,
            });
            self.setup.outbox.gone("tap", tap.id.as_str());
            self.setup.outbox.event("tap.done", fields);
            false
        });
    }

    /// Hands this tick's 20 ms to the taps of the room.
    pub(super) fn feed_taps(&mut self, room: &Room) {
        for (_, at) in room.legs() {
            if self.legs[at].as_ref().is_some_and(|leg| !leg.taps.is_empty()) {
                self.attempt(at, |worker| worker.feed_taps_of(room, at));
            }
        }
    }

    fn feed_taps_of(&mut self, room: &Room, at: usize) {
        let Some(mut leg) = self.legs[at].take() else { return };
        let mut taps = std::mem::take(&mut leg.taps);
        let (own, mouth) = (&leg, self.passed_mouth(room, &leg));
        for tap in &mut taps {
            let says = own.settings.direction.receives().then(|| own.frame.at(tap.rate));
            let mixed = tap.mixed;
            let hears = match own.ear {
                Ear::Closed => None,
                Ear::Pass(_) => mouth.map(|mouth| mouth.frame.at(tap.rate)),
                Ear::Mix => Some(&mixed[..tap.rate as usize / 50]),
            };
            tap.hand_on(says, hears);
        }
        leg.taps = taps;
        self.end_taps(&mut leg, "detached", |tap| tap.detached);
        self.legs[at] = Some(leg);
    }

    fn passed_mouth(&self, room: &Room, leg: &Leg) -> Option<&Leg> {
        let Ear::Pass(mouth) = leg.ear else { return None };
        self.legs[room.slots[mouth]?].as_deref()
    }
}
