//! What is found in a leg's incoming audio: digits in band, talking, silence.

use codec::level::dbm0;
use dtmf::detect::{Detector, Press};

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
}

#[derive(Debug, Default)]
pub struct Detect {
    digits: Option<Box<Detector>>,
    pub talk: bool,
    pub silence_ms: u32,
    talking: bool,
    loud: u32,
    quiet: u32,
}

impl Detect {
    pub fn set_inband(&mut self, on: bool) {
        if on != self.digits.is_some() {
            self.digits = on.then(|| Box::new(Detector::new()));
        }
    }

    pub fn inband(&self) -> bool {
        self.digits.is_some()
    }

    /// True when the leg's audio has to be decoded for this.
    pub fn is_on(&self) -> bool {
        self.digits.is_some() || self.talk || self.silence_ms > 0
    }

    /// Takes 20 ms at 8 kHz.
    pub fn feed(&mut self, frame: &[i16], mut found: impl FnMut(Found)) {
        if let Some(detector) = &mut self.digits {
            detector.feed(frame, |press| found(Found::Digit(press)));
        }
        if !self.talk && self.silence_ms == 0 {
            return;
        }
        if dbm0(frame) > TALK_DBM0 {
            self.loud += 1;
            self.quiet = 0;
        } else {
            self.loud = 0;
            self.quiet = self.quiet.saturating_add(1);
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
        if self.silence_ms > 0 && self.quiet == self.silence_ms.div_ceil(20) {
            found(Found::Silence { for_ms: self.silence_ms });
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
        let mut detect = Detect { silence_ms: 1000, ..Detect::default() };
        assert_eq!(run(&mut detect, 0, 49), []);
        assert_eq!(run(&mut detect, 0, 200), [Found::Silence { for_ms: 1000 }]);
        run(&mut detect, 5000, 5);
        assert_eq!(run(&mut detect, 0, 60), [Found::Silence { for_ms: 1000 }]);
    }
}
