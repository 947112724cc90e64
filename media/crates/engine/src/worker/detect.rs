//! What is found in a leg's incoming audio: digits in band, talking, silence, machines, beeps, faxes.

use codec::level::dbm0;
use detect::machine::{self, Answer, Verdict};
use detect::tone::{self, Fax};
use dtmf::detect::{Detector, Press};
use serde_json::{Value, json};

/// Louder than this is talking.
const TALK_DBM0: f32 = -38.0;
/// Talking starts after this many frames of 20 ms and ends after this many quiet ones.
const TALK_FRAMES: u32 = 3;
const QUIET_FRAMES: u32 = 20;

#[derive(Clone, Debug, PartialEq)]
pub enum Found {
    Digit(Press),
    TalkStart,
    TalkStop,
    Silence { for_ms: u32 },
    Machine(Answer),
    Beep { frequency: u32, duration_ms: u32 },
    Fax(Fax),
}

#[derive(Debug, Default)]
pub struct Detect {
    digits: Option<Box<Detector>>,
    /// Gone when it has answered.
    machine: Option<Box<machine::Detector>>,
    tones: Option<Box<tone::Detector>>,
    beep: bool,
    fax: bool,
    pub talk: bool,
    silence_ms: u32,
    talking: bool,
    loud: u32,
    quiet: u32,
    /// Quiet frames since the silence was asked for.
    silent: u32,
}

impl Detect {
    pub fn set_inband(&mut self, on: bool) {
        if on != self.digits.is_some() {
            self.digits = on.then(|| Box::new(Detector::new()));
        }
    }

    /// Begins to listen for who has answered, from now on.
    pub fn set_machine(&mut self, on: bool) {
        self.machine = on.then(Box::default);
    }

    pub fn set_tones(&mut self, beep: Option<bool>, fax: Option<bool>) {
        self.beep = beep.unwrap_or(self.beep);
        self.fax = fax.unwrap_or(self.fax);
        let on = self.beep || self.fax;
        if on != self.tones.is_some() {
            self.tones = on.then(Box::default);
        }
    }

    /// Reports each silence of this length, counted from now on; 0: none.
    pub fn set_silence(&mut self, ms: u32) {
        self.silence_ms = ms;
        self.silent = 0;
    }

    /// True when the leg's audio has to be decoded for this.
    pub fn is_on(&self) -> bool {
        let heavy = self.digits.is_some() || self.machine.is_some() || self.tones.is_some();
        heavy || self.talk || self.silence_ms > 0
    }

    /// Takes 20 ms at 8 kHz.
    pub fn feed(&mut self, frame: &[i16], mut found: impl FnMut(Found)) {
        if let Some(detector) = &mut self.digits {
            detector.feed(frame, |press| found(Found::Digit(press)));
        }
        if let Some(answer) = self.machine.as_mut().and_then(|machine| machine.feed(frame)) {
            self.machine = None;
            found(Found::Machine(answer));
        }
        if let Some(tones) = &mut self.tones {
            let (beep, fax) = (self.beep, self.fax);
            tones.feed(frame, |tone| match tone {
                tone::Found::Beep { frequency, duration_ms } if beep => {
                    found(Found::Beep { frequency, duration_ms });
                }
                tone::Found::Fax(kind) if fax => found(Found::Fax(kind)),
                _ => {}
            });
        }
        if !self.talk && self.silence_ms == 0 {
            return;
        }
        if dbm0(frame) > TALK_DBM0 {
            self.loud += 1;
            self.quiet = 0;
            self.silent = 0;
        } else {
            self.loud = 0;
            self.quiet = self.quiet.saturating_add(1);
            self.silent = self.silent.saturating_add(1);
        }
        if !self.talking && self.loud >= TALK_FRAMES {
            self.talking = true;
            if self.talk {
                found(Found::TalkStart);
            }
        }
        if self.talking && self.quiet >= QUIET_FRAMES {
            self.talking = false;
            if self.talk {
                found(Found::TalkStop);
            }
        }
        if self.silence_ms > 0 && self.silent == self.silence_ms.div_ceil(20) {
            found(Found::Silence { for_ms: self.silence_ms });
        }
    }
}

impl Found {
    /// Name and fields of the event, without the leg.
    pub fn event(&self) -> (&'static str, Value) {
        match self {
            Found::Digit(press) => (
                "dtmf",
                json!({
                    "digit": press.digit.to_string(), "duration_ms": press.duration_ms,
                    "method": "inband",
                }),
            ),
            Found::TalkStart => ("talk.start", json!({})),
            Found::TalkStop => ("talk.stop", json!({})),
            Found::Silence { for_ms } => ("silence", json!({"for_ms": for_ms})),
            Found::Machine(answer) => {
                let verdict = match answer.verdict {
                    Verdict::Human => "human",
                    Verdict::Machine => "machine",
                    Verdict::Unknown => "unknown",
                };
                let confidence = (f64::from(answer.confidence) * 100.0).round() / 100.0;
                ("machine", json!({"verdict": verdict, "confidence": confidence}))
            }
            Found::Beep { frequency, duration_ms } => {
                ("beep", json!({"frequency": frequency, "duration_ms": duration_ms}))
            }
            Found::Fax(kind) => {
                ("fax", json!({"tone": if *kind == Fax::Cng { "cng" } else { "ced" }}))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(detect: &mut Detect, level: i16, frames: usize) -> Vec<Found> {
        let frame: Vec<i16> = (0..160).map(|n| if n % 2 == 0 { level } else { -level }).collect();
        let mut found = Vec::new();
        for _ in 0..frames {
            detect.feed(&frame, |finding| found.push(finding));
        }
        found
    }

    #[test]
    fn talking_starts_after_60_ms_and_stops_after_400_ms_of_quiet() {
        let mut detect = Detect { talk: true, ..Detect::default() };
        assert_eq!(run(&mut detect, 5000, 2), []);
        assert_eq!(run(&mut detect, 5000, 50), [Found::TalkStart]);
        assert_eq!(run(&mut detect, 10, 19), []);
        assert_eq!(run(&mut detect, 10, 100), [Found::TalkStop]);
    }

    #[test]
    fn silence_is_told_once_until_somebody_speaks() {
        let mut detect = Detect::default();
        detect.set_silence(1000);
        assert_eq!(run(&mut detect, 0, 49), []);
        assert_eq!(run(&mut detect, 0, 200), [Found::Silence { for_ms: 1000 }]);
        run(&mut detect, 5000, 5);
        assert_eq!(run(&mut detect, 0, 60), [Found::Silence { for_ms: 1000 }]);
    }

    #[test]
    fn silence_that_is_asked_for_again_is_counted_anew() {
        let mut detect = Detect::default();
        for _ in 0..2 {
            detect.set_silence(1000);
            assert_eq!(run(&mut detect, 0, 49), []);
            assert_eq!(run(&mut detect, 0, 200), [Found::Silence { for_ms: 1000 }]);
            detect.set_silence(0);
            assert_eq!(run(&mut detect, 0, 200), []);
        }
    }

    #[test]
    fn a_machine_is_told_once_and_then_costs_nothing() {
        let mut detect = Detect::default();
        detect.set_machine(true);
        let mut found = run(&mut detect, 3000, 200);
        assert_eq!(found.len(), 1);
        assert_eq!(found.remove(0).event().0, "machine");
        assert!(!detect.is_on());
    }

    #[test]
    fn beeps_and_faxes_are_told_to_those_who_asked() {
        let tone = |hz: f32| -> Vec<i16> {
            let w = std::f32::consts::TAU * hz / 8000.0;
            (0..8000)
                .map(|n| if n < 4800 { (8000.0 * (w * n as f32).sin()) as i16 } else { 0 })
                .collect()
        };
        for (beep, fax, hz, expected) in [
            (true, false, 1000.0, Some("beep")),
            (false, true, 1000.0, None),
            (false, true, 1100.0, Some("fax")),
            (true, false, 1100.0, None),
        ] {
            let mut detect = Detect::default();
            detect.set_tones(Some(beep), Some(fax));
            let mut names = Vec::new();
            for frame in tone(hz).chunks(160) {
                detect.feed(frame, |found| names.push(found.event().0));
            }
            assert_eq!(names.first().copied(), expected, "{beep} {fax} {hz}");
        }
    }
}
