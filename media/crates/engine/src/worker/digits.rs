//! Sends digits to a peer: telephone events of RFC 4733, or tones.

use std::collections::VecDeque;

use dtmf::generate::Tone;
use rtp::event::{END_REPEATS, TelephoneEvent, event_of};

/// Digits that may wait.
pub const MAX_QUEUED: usize = 64;
const COMMA_MS: u32 = 500;
/// Timestamp units and ms of one step.
const STEP_UNITS: u32 = 160;
const STEP_MS: u32 = 20;

#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Order {
    pub digit: char,
    pub inband: bool,
    pub tone_ms: u32,
    pub gap_ms: u32,
    pub level: f32,
    /// Pressed by somebody whom the leg hears; the client did not ask for it and is not told.
    pub relayed: bool,
}

#[derive(Debug, Default)]
enum State {
    #[default]
    Idle,
    Event(Event),
    Tone {
        tone: Tone,
        gap_ms: u32,
    },
    Gap {
        ms: u32,
    },
}

/// An event on its way.
#[derive(Clone, Copy, Debug)]
struct Event {
    order: Order,
    sent: u32,
    ends: u32,
    /// All packets of an event carry the timestamp of its start, and the local time of it.
    start: (u32, u64),
}

/// What to send in this step of 20 ms, in place of audio.
#[derive(Debug)]
#[allow(
    clippy::large_enum_variant,
    reason = "lives on the stack for one step; a box would allocate"
)]
pub enum Step {
    Event {
        event: TelephoneEvent,
        first: bool,
        timestamp: u32,
        at: u64,
    },
    /// Mix these samples (8 kHz) instead of any voice.
    Tone([i16; 160]),
    Silence,
    /// The last digit is out; `asked` when the client had asked for one of them.
    Finished {
        asked: bool,
    },
}

#[derive(Debug, Default)]
pub struct DigitSender {
    queue: VecDeque<Order>,
    state: State,
    asked: bool,
}

impl DigitSender {
    pub fn free(&self) -> usize {
        MAX_QUEUED - self.queue.len()
    }

    pub fn push(&mut self, order: Order) {
        if self.free() > 0 {
            self.asked |= !order.relayed;
            self.queue.push_back(order);
        }
    }

    pub fn is_active(&self) -> bool {
        !matches!(self.state, State::Idle) || !self.queue.is_empty()
    }

    /// The next 20 ms; `now` is the timestamp that an event starting now has, and its local time.
    pub fn step(&mut self, now: (u32, u64)) -> Step {
        match std::mem::take(&mut self.state) {
            State::Idle => self.begin(now),
            State::Event(event) => self.event(event),
            State::Tone { mut tone, gap_ms } => {
                let mut samples = [0; 160];
                tone.fill(&mut samples);
                self.state = if tone.is_done() {
                    State::Gap { ms: gap_ms }
                } else {
                    State::Tone { tone, gap_ms }
                };
                Step::Tone(samples)
            }
            State::Gap { ms } if ms > STEP_MS => {
                self.state = State::Gap { ms: ms - STEP_MS };
                Step::Silence
            }
            State::Gap { .. } => {
                if self.queue.is_empty() {
                    self.finished()
                } else {
                    Step::Silence
                }
            }
        }
    }

    fn finished(&mut self) -> Step {
        Step::Finished { asked: std::mem::take(&mut self.asked) }
    }

    fn begin(&mut self, now: (u32, u64)) -> Step {
        let Some(order) = self.queue.pop_front() else { return self.finished() };
        if order.digit == ',' {
            self.state = State::Gap { ms: COMMA_MS };
            return Step::Silence;
        }
        if order.inband {
            let Some(tone) = Tone::new(order.digit, 8000, order.tone_ms, order.level) else {
                return Step::Silence;
            };
            self.state = State::Tone { tone, gap_ms: order.gap_ms };
            return self.step(now);
        }
        self.event(Event { order, sent: 0, ends: 0, start: now })
    }

    fn event(&mut self, current: Event) -> Step {
        let Event { order, sent, ends, start } = current;
        let total = order.tone_ms * 8;
        let duration = (sent + STEP_UNITS).min(total);
        let end = duration >= total;
        let ends = if end { ends + 1 } else { 0 };
        let event = TelephoneEvent {
            event: event_of(order.digit).unwrap_or(0),
            end,
            volume: (-order.level).clamp(0.0, 63.0) as u8,
            duration: duration.min(u32::from(u16::MAX)) as u16,
        };
        self.state = if ends >= END_REPEATS {
            State::Gap { ms: order.gap_ms }
        } else {
            State::Event(Event { order, sent: duration, ends, start })
        };
        Step::Event { event, first: sent == 0, timestamp: start.0, at: start.1 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(digit: char, inband: bool) -> Order {
        Order { digit, inband, tone_ms: 100, gap_ms: 80, level: -10.0, relayed: false }
    }

    #[test]
    fn an_event_grows_ends_three_times_and_leaves_a_gap() {
        let mut sender = DigitSender::default();
        sender.push(order('5', false));
        let (mut durations, mut ends, mut silences) = (Vec::new(), 0, 0);
        for now in (1000u32..).step_by(160) {
            match sender.step((now, u64::from(now))) {
                Step::Event { event, first, timestamp, at } => {
                    assert_eq!((event.event, first), (5, durations.is_empty()));
                    assert_eq!((timestamp, at), (1000, 1000));
                    durations.push(event.duration);
                    ends += u32::from(event.end);
                }
                Step::Silence => silences += 1,
                Step::Finished { asked } => {
                    assert!(asked);
                    break;
                }
                Step::Tone(_) => panic!("no tone was asked for"),
            }
        }
        assert_eq!(durations, [160, 320, 480, 640, 800, 800, 800]);
        assert_eq!((ends, silences), (3, 3));
        assert!(!sender.is_active());
    }

    #[test]
    fn tones_are_100_ms_long_and_digits_follow_each_other() {
        let mut sender = DigitSender::default();
        for digit in ['1', ',', '2'] {
            sender.push(order(digit, true));
        }
        let (mut tones, mut silences) = (0, 0);
        for now in (1000u32..).step_by(160) {
            match sender.step((now, u64::from(now))) {
                Step::Tone(_) => tones += 1,
                Step::Silence => silences += 1,
                Step::Finished { asked } => {
                    assert!(asked);
                    break;
                }
                Step::Event { .. } => panic!("no event was asked for"),
            }
        }
        assert_eq!(tones, 10);
        assert!((28..36).contains(&silences), "{silences}");
    }

    #[test]
    fn the_queue_is_capped() {
        let mut sender = DigitSender::default();
        for _ in 0..100 {
            sender.push(order('1', false));
        }
        assert_eq!(sender.queue.len(), MAX_QUEUED);
    }
}
