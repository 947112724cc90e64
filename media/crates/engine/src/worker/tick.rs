//! The tick: every 20 ms a room decodes the mouths it needs, and mixes for each ear that is not passed through.

use jitter::playout::Heard;
use mixer::{MAX_LEGS, add, finish};
use serde_json::json;

use super::codec::{FRAME_8K, FRAME_16K};
use super::digits::Step;
use super::leg::{Ear, Leg};
use super::room::Room;
use super::tapping::tapped_mouths;
use super::{Worker, trip};

const TICK_MS: u64 = 20;

/// The samples of one play in this tick.
struct Playing {
    at_8k: [i16; FRAME_8K],
    at_16k: [i16; FRAME_16K],
}

impl Worker {
    pub(super) fn tick(&mut self, at: usize) {
        let Some(mut room) = self.rooms[at].take() else { return };
        // `next_phase` was moved on already; the number of the tick is the same for all phases.
        let tick = (self.next_phase - 1) / super::PHASES as u64;
        self.decode(&room, tick);
        self.detect(&room);
        self.serve_ears(&mut room, tick * TICK_MS);
        self.feed_taps(&room);
        self.advance_plays(&mut room);
        room.plan(&mut self.legs);
        self.ticking_changed |= !room.ticking;
        self.rooms[at] = Some(room);
        self.end_failed();
    }

    /// Decodes every mouth that a mixed ear hears, at the rates that these ears need.
    fn decode(&mut self, room: &Room, tick: u64) {
        let (mut for_8k, mut for_16k) = (0u16, 0u16);
        for (slot, at) in room.legs() {
            let Some(leg) = self.legs[at].as_ref() else { continue };
            if leg.ear == Ear::Mix {
                let audible = room.matrix.audible(slot);
                if leg.tx.codec.rate() == 8000 {
                    for_8k |= audible;
                } else {
                    for_16k |= audible;
                }
            }
            if leg.detect.is_on() {
                for_8k |= 1 << slot;
            }
            let (tapped_8k, tapped_16k) = tapped_mouths(leg, slot);
            for_8k |= tapped_8k;
            for_16k |= tapped_16k;
        }
        let now_units = self.now_units();
        for (slot, at) in room.legs() {
            let (need_8k, need_16k) = (for_8k & (1 << slot) != 0, for_16k & (1 << slot) != 0);
            if need_8k || need_16k {
                self.attempt(at, |worker| {
                    let Some(leg) = worker.legs[at].as_mut() else { return };
                    trip(leg, "decode");
                    leg.decode_frame(tick, now_units, need_8k, need_16k);
                });
            }
        }
    }

    fn detect(&mut self, room: &Room) {
        for (_, at) in room.legs() {
            if self.legs[at].as_ref().is_some_and(|leg| leg.detect.is_on()) {
                self.attempt(at, |worker| worker.detect_in(at));
            }
        }
    }

    fn detect_in(&mut self, at: usize) {
        if let Some(leg) = self.legs[at].as_mut() {
            trip(leg, "detect");
            let (id, outbox) = (leg.id.as_str(), &self.setup.outbox);
            leg.detect.feed(&leg.frame.at_8k, |found| {
                let (name, mut fields) = found.event();
                fields["leg"] = json!(id);
                outbox.event(name, fields);
            });
        }
    }

    fn serve_ears(&mut self, room: &mut Room, shared_ms: u64) {
        let mut playing: [Option<Playing>; super::room::MAX_PLAYS] = Default::default();
        for (slot, play) in playing.iter_mut().zip(&mut room.plays) {
            play.pull();
            let mut frame = Playing { at_8k: [0; FRAME_8K], at_16k: [0; FRAME_16K] };
            play.fill(shared_ms, 8000, &mut frame.at_8k);
            play.fill(shared_ms, 16000, &mut frame.at_16k);
            *slot = Some(frame);
        }
        for slot in 0..MAX_LEGS {
            let Some(at) = room.slots[slot] else { continue };
            if self.legs[at].as_ref().is_some_and(|leg| leg.ear == Ear::Mix) {
                self.attempt(at, |worker| {
                    let Some(mut leg) = worker.legs[at].take() else { return };
                    trip(&leg, "serve");
                    worker.serve(room, slot, &mut leg, &playing);
                    worker.legs[at] = Some(leg);
                });
            }
        }
    }

    fn serve(&mut self, room: &mut Room, slot: usize, leg: &mut Leg, playing: &[Option<Playing>]) {
        let rate = leg.tx.codec.rate();
        let samples = if rate == 8000 { FRAME_8K } else { FRAME_16K };
        let mut sum = [0f32; FRAME_16K];
        let sum = &mut sum[..samples];
        self.mix_voices(room, slot, leg, sum);
        for (play, frame) in room.plays.iter().zip(playing) {
            let Some(frame) = frame.as_ref().filter(|_| play.is_for(slot)) else { continue };
            let frame = if rate == 8000 { &frame.at_8k[..] } else { &frame.at_16k[..] };
            let target = if play.stopping.is_some() { 0.0 } else { play.gain };
            add(sum, frame, play.gain_now, target);
        }
        let mut mixed = [0i16; FRAME_16K];
        finish(sum, &mut mixed[..samples]);
        self.counters.mixed_frames += 1;
        for tap in leg.taps.iter_mut().filter(|tap| tap.side.hears()) {
            tap.keep_mixed(&mixed[..samples]);
        }
        if leg.digits.is_active() && self.send_digit(leg, &mut mixed[..samples]) {
            return;
        }
        let now_units = self.now_units();
        leg.send_frame(&mixed[..samples], now_units, &mut self.scratch[..]);
    }

    /// `own` is the leg of the ear, which is not among the others meanwhile; it is a mouth too when it hears itself.
    fn mix_voices(&mut self, room: &mut Room, slot: usize, own: &Leg, sum: &mut [f32]) {
        let rate = own.tx.codec.rate();
        let wanted = room.voice_level(slot);
        let level = (room.voice_now[slot], wanted);
        room.voice_now[slot] = wanted;
        let (slots, legs) = (&room.slots, &self.legs);
        room.matrix.mix(slot, level, sum, |mouth| {
            let leg = if mouth == slot { own } else { legs[slots[mouth]?].as_deref()? };
            let silent = leg.frame.heard == Heard::Nothing;
            (!silent && leg.settings.direction.receives()).then(|| leg.frame.at(rate))
        });
    }

    /// One step of a digit; true when it takes the place of the audio packet.
    fn send_digit(&mut self, leg: &mut Leg, mixed: &mut [i16]) -> bool {
        let now_units = self.now_units();
        let timestamp = leg.tx.rewriter.timestamp_at(now_units);
        match leg.digits.step((timestamp, now_units)) {
            Step::Event { event, first, timestamp, at } => {
                if let Some(pt) = leg.settings.dtmf_pt {
                    let header = leg.tx.rewriter.make_at(pt, first, timestamp, at);
                    let payload = event.to_bytes();
                    if leg.transport.send_rtp(&header, &payload, &mut self.scratch[..]) {
                        leg.tx.rewriter.count(payload.len());
                    }
                }
                true
            }
            Step::Tone(tone) => {
                if mixed.len() == tone.len() {
                    mixed.copy_from_slice(&tone);
                } else {
                    for (pair, sample) in mixed.chunks_exact_mut(2).zip(tone) {
                        pair.fill(sample);
                    }
                }
                false
            }
            Step::Silence => {
                mixed.fill(0);
                false
            }
            Step::Finished { asked } => {
                if asked {
                    self.setup.outbox.event("dtmf.sent", json!({"leg": leg.id.as_str()}));
                }
                false
            }
        }
    }

    fn advance_plays(&mut self, room: &mut Room) {
        let outbox = &self.setup.outbox;
        let play_rooms = &mut self.play_rooms;
        room.plays.retain_mut(|play| {
            let ended = play.advance();
            let reason = play.stopping.or(ended.then_some("ended"));
            if let Some(reason) = reason {
                play_rooms.remove(&play.id);
                super::playing::report_done(outbox, play, reason);
            }
            reason.is_none()
        });
    }
}
