use super::*;
use crate::generate::Tone;
use crate::position;

const ALL: &str = "0123456789*#ABCD";

/// A tape: digits with their tone and gap in ms, levels of both tones in dBm0, a shift of frequency.
#[derive(Clone, Copy)]
struct Tape {
    tone_ms: usize,
    gap_ms: usize,
    low: f32,
    high: f32,
    shift: f32,
    noise_peak: f32,
}

const PLAIN: Tape =
    Tape { tone_ms: 70, gap_ms: 70, low: -8.0, high: -8.0, shift: 0.0, noise_peak: 0.0 };

struct Noise(u32);

impl Noise {
    fn next(&mut self) -> f32 {
        self.0 = self.0.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (self.0 >> 8) as f32 / (1 << 23) as f32 - 1.0
    }
}

impl Tape {
    fn record(&self, digits: &str) -> Vec<i16> {
        let mut noise = Noise(7);
        let mut samples = Vec::new();
        for digit in digits.chars() {
            let (row, column) = position(digit).unwrap();
            let step = |hz: f32| std::f32::consts::TAU * hz * (1.0 + self.shift) / 8000.0;
            let (low, high) = (step(ROWS[row]), step(COLUMNS[column]));
            for n in 0..(self.tone_ms + self.gap_ms) * 8 {
                let mut value = noise.next() * self.noise_peak;
                if n < self.tone_ms * 8 {
                    value += sine_peak(self.low) * (n as f32 * low).sin();
                    value += sine_peak(self.high) * (n as f32 * high).sin();
                }
                samples.push(value.clamp(-32768.0, 32767.0) as i16);
            }
        }
        samples
    }

    fn read(&self, digits: &str) -> String {
        presses(&self.record(digits)).iter().map(|press| press.digit).collect()
    }

    /// Share of digits read wrongly, over many alignments against the blocks.
    fn errors(&self) -> f64 {
        let (mut wrong, mut all) = (0, 0);
        for start in 0..10 {
            let mut samples = vec![0; start * 11];
            let digits = ALL.repeat(4);
            samples.extend(self.record(&digits));
            let read: Vec<char> = presses(&samples).iter().map(|press| press.digit).collect();
            all += digits.len();
            wrong += if read.len() == digits.len() {
                digits.chars().zip(&read).filter(|(a, b)| a != *b).count()
            } else {
                digits.len().abs_diff(read.len())
            };
        }
        f64::from(wrong as u32) / f64::from(all as u32)
    }
}

fn presses(samples: &[i16]) -> Vec<Press> {
    let mut detector = Detector::new();
    let mut presses = Vec::new();
    for frame in samples.chunks(160) {
        detector.feed(frame, |press| presses.push(press));
    }
    detector.feed(&[0; 3 * BLOCK], |press| presses.push(press));
    presses
}

#[test]
fn all_sixteen_digits_are_read() {
    assert_eq!(PLAIN.read(ALL), ALL);
}

#[test]
fn levels_from_0_to_minus_33_dbm0_are_read() {
    for level in [0.0, -3.0, -10.0, -20.0, -25.0, -30.0, -33.0] {
        let errors = Tape { low: level, high: level, ..PLAIN }.errors();
        assert!(errors <= 0.01, "{level} dBm0: {errors}");
    }
}

#[test]
fn tones_below_minus_45_dbm0_are_not() {
    assert_eq!(Tape { low: -45.0, high: -45.0, ..PLAIN }.read(ALL), "");
}

#[test]
fn twist_of_8_and_4_db_is_read_and_of_14_is_not() {
    for (low, high) in [(-8.0, -16.0), (-12.0, -8.0), (-8.0, -12.0)] {
        let errors = Tape { low, high, ..PLAIN }.errors();
        assert!(errors <= 0.01, "{low} {high}: {errors}");
    }
    assert_eq!(Tape { low: -24.0, high: -10.0, ..PLAIN }.read(ALL), "");
}

#[test]
fn frequencies_off_by_1_5_percent_are_read_and_by_4_are_not() {
    for shift in [-0.015, 0.015] {
        let errors = Tape { shift, ..PLAIN }.errors();
        assert!(errors <= 0.01, "{shift}: {errors}");
    }
    assert_eq!(Tape { shift: 0.04, ..PLAIN }.read("159D"), "");
}

#[test]
fn tones_and_gaps_of_40_ms_are_read_and_tones_of_20_are_not() {
    let errors = Tape { tone_ms: 40, gap_ms: 40, ..PLAIN }.errors();
    assert!(errors <= 0.01, "{errors}");
    assert_eq!(Tape { tone_ms: 20, ..PLAIN }.read(ALL), "");
}

#[test]
fn digits_are_read_in_noise_15_db_below() {
    // Uniform noise of peak p has the power of a sine of peak p * sqrt(2/3).
    let noise_peak = sine_peak(-8.0 - 15.0 + 3.0) * 1.22;
    let errors = Tape { noise_peak, ..PLAIN }.errors();
    assert!(errors <= 0.01, "{errors}");
}

#[test]
fn a_long_press_is_one_press_with_its_length() {
    let found = presses(&Tape { tone_ms: 2000, ..PLAIN }.record("5"));
    assert_eq!(found.len(), 1);
    assert!((1960..=2010).contains(&found[0].duration_ms), "{found:?}");
}

#[test]
fn the_same_digit_twice_is_two_presses() {
    assert_eq!(PLAIN.read("5533##"), "5533##");
}

#[test]
fn noise_and_voice_like_sound_are_no_digits() {
    let mut noise = Noise(3);
    let hiss: Vec<i16> = (0..8000 * 60).map(|_| (noise.next() * 12_000.0) as i16).collect();
    assert_eq!(presses(&hiss), []);
    // A gliding voice: harmonics of 90 to 250 Hz under moving formants, one minute.
    let mut phase = 0f32;
    let voice: Vec<i16> = (0..8000 * 60)
        .map(|n| {
            let t = n as f32 / 8000.0;
            let pitch = 170.0 + 80.0 * (t * 2.1).sin();
            phase += std::f32::consts::TAU * pitch / 8000.0;
            let formants = [
                500.0 + 250.0 * (t * 3.3).sin(),
                1500.0 + 600.0 * (t * 2.7).cos(),
                2600.0 + 200.0 * (t * 1.9).sin(),
            ];
            let sum: f32 = (1..20)
                .map(|k| {
                    let hz = k as f32 * pitch;
                    let weight: f32 =
                        formants.iter().map(|f| 1.0 / (1.0 + ((hz - f) / 120.0).powi(2))).sum();
                    weight * (phase * k as f32).sin()
                })
                .sum();
            (sum * 6000.0).clamp(-32768.0, 32767.0) as i16
        })
        .collect();
    assert_eq!(presses(&voice), []);
}

#[test]
fn made_digits_are_read() {
    let mut samples = Vec::new();
    for digit in ALL.chars() {
        let mut tone = Tone::new(digit, 8000, 100, -10.0).unwrap();
        let mut frame = [0; 160];
        while !tone.is_done() {
            tone.fill(&mut frame);
            samples.extend(frame);
        }
        samples.extend([0; 640]);
    }
    let read: String = presses(&samples).iter().map(|press| press.digit).collect();
    assert_eq!(read, ALL);
    assert!(Tone::new('x', 8000, 100, -10.0).is_none());
}
