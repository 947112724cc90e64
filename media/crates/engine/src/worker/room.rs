//! A room: legs in slots, the hearing matrix, plays and recordings.

use mixer::{MAX_LEGS, Matrix};

use super::leg::{Ear, Leg};
use super::play::Play;
use crate::api::Id;
use crate::record::ring::Recording;

/// Recordings of a room at once.
pub const MAX_RECORDS: usize = 4;
/// Plays on an ear at once.
pub const MAX_PLAYS: usize = 8;

#[derive(Debug)]
pub struct Room {
    pub id: Id,
    pub slots: [Option<usize>; MAX_LEGS],
    pub matrix: Matrix,
    pub plays: Vec<Play>,
    pub records: Vec<Recording>,
    /// Which of the ten 2 ms phases of a tick this room works in.
    pub phase: usize,
    pub ticking: bool,
    /// Voice level of each ear at the end of the last frame (ducking, plays that replace).
    pub voice_now: [f32; MAX_LEGS],
}

impl Room {
    pub fn new(id: Id, phase: usize) -> Self {
        Room {
            id,
            slots: [None; MAX_LEGS],
            matrix: Matrix::default(),
            plays: Vec::with_capacity(MAX_PLAYS),
            records: Vec::with_capacity(1),
            phase,
            ticking: false,
            voice_now: [1.0; MAX_LEGS],
        }
    }

    pub fn legs(&self) -> impl Iterator<Item = (usize, usize)> + '_ {
        self.slots.iter().enumerate().filter_map(|(slot, leg)| leg.map(|leg| (slot, leg)))
    }

    pub fn free_slot(&self) -> Option<usize> {
        self.slots.iter().position(Option::is_none)
    }

    /// Level that the voices are to have in this ear.
    pub fn voice_level(&self, slot: usize) -> f32 {
        self.plays.iter().filter(|play| play.is_for(slot)).map(Play::voices).fold(1.0, f32::min)
    }

    /// Decides, for every leg, how its ear is served; and whether the room needs ticks.
    pub fn plan(&mut self, legs: &mut [Option<Box<Leg>>]) {
        let mut ticking = false;
        for at in self.slots.iter().flatten() {
            if let Some(leg) = legs[*at].as_mut() {
                leg.pass_to = 0;
            }
        }
        for slot in 0..MAX_LEGS {
            let Some(at) = self.slots[slot] else { continue };
            let ear = self.ear(slot, at, legs);
            let Some(leg) = legs[at].as_mut() else { continue };
            if ear == Ear::Mix && leg.ear != Ear::Mix {
                leg.tx.rewriter.leave_grid();
            }
            leg.ear = ear;
            ticking |= ear == Ear::Mix || leg.is_watched();
            if let Ear::Pass(mouth) = ear
                && let Some(mouth) = self.slots[mouth]
                && let Some(speaker) = legs[mouth].as_mut()
            {
                speaker.pass_to |= 1 << slot;
            }
        }
        self.ticking = ticking;
    }

    fn ear(&self, slot: usize, at: usize, legs: &[Option<Box<Leg>>]) -> Ear {
        let Some(leg) = legs[at].as_ref() else { return Ear::Closed };
        if !leg.can_send() {
            return Ear::Closed;
        }
        let disturbed = leg.digits.is_active()
            || self.voice_now[slot] != 1.0
            || self.plays.iter().any(|play| play.is_for(slot));
        if disturbed {
            return Ear::Mix;
        }
        let speaker = self
            .matrix
            .sole_mouth(slot)
            .and_then(|mouth| Some((mouth, legs[self.slots[mouth]?].as_ref()?)));
        match speaker {
            // An echo: a leg that is read from cannot be written to in the same step.
            Some((mouth, _)) if mouth == slot => Ear::Mix,
            Some((mouth, speaker)) if leg.settings.pt_of(speaker.rx.codec).is_some() => {
                // What the peer of the ear can read is passed on, even if it is not its first choice.
                if speaker.settings.direction.receives() { Ear::Pass(mouth) } else { Ear::Mix }
            }
            _ => Ear::Mix,
        }
    }
}
