//! Human or machine, from the rhythm of the first seconds.
//!
//! Theory of operation. A person who takes a call says a word or two ("Hello?", a name) and waits; a machine
//! or a company's announcement goes on for seconds, with short pauses; a voicemail ends with a beep. So the audio
//! is cut into voiced and quiet stretches by an energy gate that follows the noise of the line, and evidence is
//! weighed in log-odds as it comes: length of the greeting, its pauses, the quiet after it. The verdict falls when the evidence is
//! clear, or when time is up. A beep or a fax decides at once. Published rates of such rhythm detectors are 65 to 90 %:
//! the confidence is part of the answer, and an `Unknown` is an answer too.

use crate::RATE;
use crate::tone;

const BLOCK: usize = 160;
const BLOCK_MS: u32 = 20;
/// A stretch is voiced when it is this much over the noise, as a factor of mean squares (12 dB).
const OVER_NOISE: f32 = 16.0;
/// Least mean square of speech: about -42 dBm0.
const LEAST_SPEECH: f32 = 50.0 * 50.0;
/// Mean square of the noise that is assumed first: about -55 dBm0.
const FIRST_NOISE: f32 = 12.0 * 12.0;
/// Voice shorter than this is a click.
const CLICK_MS: u32 = 60;
/// Gaps shorter than this are within a word.
const WORD_GAP_MS: u32 = 120;
/// A pause of this length ends the greeting of a person.
const END_MS: u32 = 900;
/// Nobody speaks for this long: silence is what people do who wait for us to begin, and dead lines.
const NOBODY_MS: u32 = 4000;
/// A decision is made after this time at the latest.
pub const MAX_MS: u32 = 6500;
/// Voice in all that no person's greeting has.
const LONG_GREETING_MS: u32 = 2400;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    Human,
    Machine,
    Unknown,
}

/// A verdict, and how sure it is: 0.5 is a coin, 1 is certainty.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Answer {
    pub verdict: Verdict,
    pub confidence: f32,
    /// When it fell, ms after the first sample.
    pub at_ms: u32,
}

#[derive(Clone, Debug)]
pub struct Detector {
    block: [i16; BLOCK],
    filled: usize,
    tones: tone::Detector,
    noise: f32,
    now_ms: u32,
    /// The stretch that lasts: voiced or not, ms.
    voiced: bool,
    lasts_ms: u32,
    first_voice_ms: Option<u32>,
    voice_ms: u32,
    words: u32,
    answer: Option<Answer>,
}

impl Default for Detector {
    fn default() -> Self {
        Detector {
            block: [0; BLOCK],
            filled: 0,
            tones: tone::Detector::default(),
            noise: FIRST_NOISE,
            now_ms: 0,
            voiced: false,
            lasts_ms: 0,
            first_voice_ms: None,
            voice_ms: 0,
            words: 0,
            answer: None,
        }
    }
}

impl Detector {
    /// Takes audio; the answer, once.
    pub fn feed(&mut self, samples: &[i16]) -> Option<Answer> {
        for sample in samples {
            self.block[self.filled] = *sample;
            self.filled += 1;
            if self.filled == BLOCK {
                self.filled = 0;
                if self.answer.is_none() {
                    self.end_block();
                    if self.answer.is_some() {
                        return self.answer;
                    }
                }
            }
        }
        None
    }

    fn end_block(&mut self) {
        let mut signal = false;
        self.tones.feed(&self.block, |_| signal = true);
        if signal && self.first_voice_ms.is_some() {
            self.now_ms += BLOCK_MS;
            return self.decide(Verdict::Machine, 0.98);
        }
        let sum: f32 = self.block.iter().map(|sample| f32::from(*sample).powi(2)).sum();
        self.hear(sum / BLOCK as f32);
    }

    pub fn is_done(&self) -> bool {
        self.answer.is_some()
    }

    fn decide(&mut self, verdict: Verdict, confidence: f32) {
        self.answer = Some(Answer { verdict, confidence, at_ms: self.now_ms });
    }

    fn hear(&mut self, power: f32) {
        self.now_ms += BLOCK_MS;
        let voiced = power > (self.noise * OVER_NOISE).max(LEAST_SPEECH);
        if !voiced {
            // Down fast, up slowly: speech does not become noise.
            let rate = if power < self.noise { 0.2 } else { 0.02 };
            self.noise += (power - self.noise) * rate;
        }
        if voiced == self.voiced {
            self.lasts_ms += BLOCK_MS;
        } else {
            self.change(voiced);
        }
        if voiced {
            self.voice_ms += BLOCK_MS;
        }
        self.judge();
    }

    fn change(&mut self, voiced: bool) {
        if voiced {
            if self.lasts_ms >= WORD_GAP_MS || self.first_voice_ms.is_none() {
                self.words += 1;
            }
            self.first_voice_ms.get_or_insert(self.now_ms);
        } else if self.lasts_ms < CLICK_MS && self.voice_ms <= self.lasts_ms + BLOCK_MS {
            // All that was heard so far was a click.
            (self.first_voice_ms, self.voice_ms, self.words) = (None, 0, 0);
        }
        self.voiced = voiced;
        self.lasts_ms = BLOCK_MS;
    }

    fn judge(&mut self) {
        let Some(first_ms) = self.first_voice_ms else {
            if self.now_ms >= NOBODY_MS {
                self.decide(Verdict::Unknown, 0.5);
            }
            return;
        };
        let odds = self.odds(first_ms);
        let ended = !self.voiced && self.lasts_ms >= END_MS;
        if ended || self.voice_ms >= LONG_GREETING_MS || self.now_ms >= MAX_MS {
            let confidence = 1.0 / (1.0 + (-odds.abs()).exp());
            let verdict = match odds {
                odds if odds.abs() < 0.4 => Verdict::Unknown,
                odds if odds > 0.0 => Verdict::Machine,
                _ => Verdict::Human,
            };
            self.decide(verdict, confidence);
        }
    }

    /// Log-odds for a machine.
    fn odds(&self, first_ms: u32) -> f32 {
        let voice_s = self.voice_ms as f32 / 1000.0;
        // "Hello?" takes 0.4 s, name and company 1.2 s; recorded greetings begin at 2 s.
        let by_length = 3.2 * (voice_s - 1.45);
        // Machines begin at once after the answer, people need a moment to lift the phone to the ear.
        let by_start = if first_ms < 150 { 0.3 } else { -0.15 };
        let by_words = if self.words >= 5 { 0.6 } else { -0.1 };
        // Who is quiet for long waits for us.
        let quiet_s = if self.voiced { 0.0 } else { self.lasts_ms as f32 / 1000.0 };
        (by_length + by_start + by_words - 0.8 * quiet_s).clamp(-4.0, 4.0)
    }
}

/// Time after which the detector has answered for certain, in samples.
pub const fn longest() -> usize {
    (MAX_MS as usize + BLOCK_MS as usize) * RATE as usize / 1000
}
