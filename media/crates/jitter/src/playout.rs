//! Frames of any length out of packets of any length.

use crate::buffer::{Buffer, MAX_PAYLOAD, Next};
use crate::plc::Concealer;

/// Samples that one packet may decode to: a full payload of G.722.
const MAX_DECODED: usize = 2 * MAX_PAYLOAD;
/// A frame below this mean amplitude may be left out to win back delay.
const QUIET: i32 = 100;
/// Frames with excess delay before one is left out although it is not quiet.
const MAX_EXCESS_FRAMES: u32 = 100;

/// Where the audio of a frame came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heard {
    Speech,
    Concealed,
    /// No stream; the frame is silent.
    Nothing,
}

#[derive(Debug)]
pub struct Playout {
    pub buffer: Buffer,
    plc: Concealer,
    ready: Vec<i16>,
    decoded: Vec<i16>,
    /// Samples for each timestamp unit: 1, for G.722 2.
    per_unit: usize,
    excess_frames: u32,
    pub left_out: u64,
}

impl Playout {
    /// `clock` of the timestamps, `rate` of the samples, delays in ms.
    pub fn new(clock: u32, rate: u32, min_delay_ms: u32, max_delay_ms: u32) -> Self {
        Playout {
            buffer: Buffer::new(clock, min_delay_ms, max_delay_ms),
            plc: Concealer::new(rate),
            ready: Vec::with_capacity(4 * MAX_DECODED),
            decoded: vec![0; MAX_DECODED],
            per_unit: (rate / clock) as usize,
            excess_frames: 0,
            left_out: 0,
        }
    }

    /// Fills `out` with the next samples. `decode` writes a payload's samples and returns their number.
    pub fn fill(
        &mut self,
        now: u64,
        out: &mut [i16],
        mut decode: impl FnMut(&[u8], &mut [i16]) -> usize,
    ) -> Heard {
        let mut heard = Heard::Speech;
        while self.ready.len() < out.len() {
            let per_unit = self.per_unit;
            let missing = out.len() - self.ready.len();
            match self.buffer.next(now, |payload| payload.len() as u32) {
                Next::Play(payload) => {
                    let count = decode(payload, &mut self.decoded).min(MAX_DECODED);
                    self.take(count, now);
                }
                Next::Lost(units) => {
                    heard = Heard::Concealed;
                    self.conceal((units as usize * per_unit).min(MAX_DECODED));
                }
                Next::Hold => {
                    heard = Heard::Concealed;
                    self.conceal(missing.min(MAX_DECODED));
                }
                Next::Idle => {
                    if self.ready.is_empty() {
                        out.fill(0);
                        return Heard::Nothing;
                    }
                    heard = Heard::Concealed;
                    self.conceal(missing.min(MAX_DECODED));
                }
            }
        }
        out.copy_from_slice(&self.ready[..out.len()]);
        self.ready.drain(..out.len());
        heard
    }

    fn take(&mut self, count: usize, now: u64) {
        let frame = &mut self.decoded[..count];
        if self.buffer.has_excess(now) {
            self.excess_frames += 1;
            let mean = frame.iter().map(|s| i32::from(*s).abs()).sum::<i32>() / count.max(1) as i32;
            if mean < QUIET || self.excess_frames > MAX_EXCESS_FRAMES {
                self.excess_frames = 0;
                self.left_out += 1;
                return;
            }
        } else {
            self.excess_frames = 0;
        }
        self.plc.good(frame);
        self.ready.extend_from_slice(frame);
    }

    fn conceal(&mut self, count: usize) {
        let frame = &mut self.decoded[..count];
        self.plc.conceal(frame);
        self.ready.extend_from_slice(frame);
    }

    /// Forgets the stream.
    pub fn reset(&mut self) {
        self.buffer.reset();
        self.ready.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A "codec" whose payload bytes are the samples, divided by 100.
    fn decode(payload: &[u8], out: &mut [i16]) -> usize {
        for (sample, byte) in out.iter_mut().zip(payload) {
            *sample = i16::from(*byte) * 100;
        }
        payload.len()
    }

    #[test]
    fn thirty_ms_packets_become_twenty_ms_frames() {
        let mut playout = Playout::new(8000, 8000, 20, 200);
        let mut frames = Vec::new();
        for ms10 in 0..60u16 {
            let now = u64::from(ms10) * 80;
            if ms10 % 3 == 0 {
                let n = ms10 / 3;
                playout.buffer.insert(n, u32::from(n) * 240, &[n as u8 + 1; 240], now);
            }
            if ms10 % 2 == 0 && ms10 >= 6 {
                let mut frame = [0; 160];
                assert_eq!(playout.fill(now, &mut frame, decode), Heard::Speech, "{ms10}");
                frames.extend(frame);
            }
        }
        for (n, packet) in frames.chunks_exact(240).enumerate() {
            assert!(packet.iter().all(|s| *s == frames[0] + 100 * n as i16), "packet {n}");
        }
    }

    #[test]
    fn before_the_first_packet_there_is_silence() {
        let mut playout = Playout::new(8000, 16000, 20, 200);
        let mut frame = [5; 320];
        assert_eq!(playout.fill(0, &mut frame, decode), Heard::Nothing);
        assert_eq!(frame, [0; 320]);
    }

    #[test]
    fn a_fast_sender_does_not_grow_the_delay_for_ever() {
        // 5 % more speech than time: a clock drift far beyond any real one.
        let mut playout = Playout::new(8000, 8000, 20, 200);
        let mut sequence = 0u16;
        for tick in 0..2000u64 {
            for _ in 0..if tick % 20 == 0 { 2 } else { 1 } {
                let at = tick * 160;
                playout.buffer.insert(sequence, u32::from(sequence) * 160, &[0; 160], at);
                sequence += 1;
            }
            let mut frame = [0; 160];
            playout.fill(tick * 160, &mut frame, decode);
            assert!(tick < 100 || playout.buffer.delay(tick * 160) < 3600);
        }
        assert!(playout.left_out > 50);
    }
}
