//! In-band digits: tapes made of everything that telephones do to them, and speech that is none.

use codec::g711::{ulaw_decode, ulaw_encode};
use codec::level::sine_peak;
use dtmf::detect::Detector;
use dtmf::{COLUMNS, ROWS, position};
use netem::Random;

use crate::measure::{level, say_at};

const ALL: &[u8] = b"0123456789*#ABCD";
/// Digits on each tape.
const DIGITS: usize = 2000;
/// The task: wrong, missing and invented digits together.
const MAX_ERRORS: f64 = 0.01;
const TEXTS: [(&str, &str); 3] = [
    ("en", include_str!("texts/en.txt")),
    ("ru", include_str!("texts/ru.txt")),
    ("ro", include_str!("texts/ro.txt")),
];
const VARIANTS: [&str; 14] = [
    "", "+m1", "+m2", "+m3", "+m4", "+m5", "+m7", "+f1", "+f2", "+f3", "+f4", "+f5", "+croak",
    "+klatt",
];

/// What a tape is made of; each digit gets a random value of every range.
#[derive(Clone)]
struct Tape {
    tone_ms: [f64; 2],
    gap_ms: [f64; 2],
    /// Level of the low tone, dBm0.
    level: [f64; 2],
    /// High tone over low tone, dB.
    twist: [f64; 2],
    /// Both tones off by this share.
    shift: [f64; 2],
    /// Noise below each digit's tone, dB.
    noise_below: Option<f64>,
    /// Speech below each digit's tone, dB.
    speech_below: Option<f64>,
}

const PLAIN: Tape = Tape {
    tone_ms: [70.0, 120.0],
    gap_ms: [60.0, 200.0],
    level: [-12.0, -6.0],
    twist: [-2.0, 2.0],
    shift: [0.0, 0.0],
    noise_below: None,
    speech_below: None,
};

impl Tape {
    /// The digits and the audio, as it is after mu-law.
    fn make(&self, seed: u64, speech: &[i16]) -> (Vec<u8>, Vec<i16>) {
        let mut random = Random::new(seed);
        let (mut digits, mut samples) = (Vec::new(), vec![0.0f64; 800]);
        let speech_level = level(speech);
        let from = |random: &mut Random, range: [f64; 2]| {
            range[0] + (range[1] - range[0]) * random.share()
        };
        for _ in 0..DIGITS {
            let digit = ALL[(random.next_u64() % 16) as usize];
            digits.push(digit);
            let (row, column) = position(char::from(digit)).unwrap();
            let factor = 1.0 + from(&mut random, self.shift);
            let low_db = from(&mut random, self.level);
            let high_db = low_db + from(&mut random, self.twist);
            let peaks = [low_db, high_db].map(|db| f64::from(sine_peak(db as f32)));
            let steps = [ROWS[row], COLUMNS[column]]
                .map(|hz| std::f64::consts::TAU * f64::from(hz) * factor / 8000.0);
            let tone = (8.0 * from(&mut random, self.tone_ms)) as usize;
            let gap = (8.0 * from(&mut random, self.gap_ms)) as usize;
            let phase = std::f64::consts::TAU * random.share();
            let below = |db: f64| f64::from(sine_peak(low_db as f32)) * 10f64.powf(-db / 20.0);
            for n in 0..tone + gap {
                let mut value = 0.0;
                if n < tone {
                    value = peaks[0] * (phase + steps[0] * n as f64).sin()
                        + peaks[1] * (steps[1] * n as f64).sin();
                }
                if let Some(db) = self.noise_below {
                    // Uniform noise of peak p has the power of a sine of peak 0.816 p.
                    value += below(db) * 1.225 * (2.0 * random.share() - 1.0);
                }
                if let Some(db) = self.speech_below {
                    let at = samples.len() % speech.len();
                    value += f64::from(speech[at]) / speech_level * below(db) / 1.414;
                }
                samples.push(value);
            }
        }
        samples.extend([0.0; 800]);
        let coded = samples.iter().map(|s| ulaw_encode(s.clamp(-32768.0, 32767.0) as i16));
        (digits, coded.map(ulaw_decode).collect())
    }

    fn errors(&self) -> f64 {
        let speech = if self.speech_below.is_some() { conversation(1, 30.0).0 } else { vec![1] };
        let (digits, samples) = self.make(11, &speech);
        distance(&digits, &read(&samples)) as f64 / DIGITS as f64
    }
}

fn read(samples: &[i16]) -> Vec<u8> {
    let mut detector = Detector::new();
    let mut digits = Vec::new();
    for frame in samples.chunks(160) {
        detector.feed(frame, |press| digits.push(press.digit as u8));
    }
    digits
}

/// Wrong, missing and invented digits (Levenshtein's distance).
fn distance(sent: &[u8], read: &[u8]) -> usize {
    let mut row: Vec<usize> = (0..=read.len()).collect();
    for (n, digit) in sent.iter().enumerate() {
        let mut corner = row[0];
        row[0] = n + 1;
        for (m, other) in read.iter().enumerate() {
            let change = corner + usize::from(digit != other);
            corner = row[m + 1];
            row[m + 1] = change.min(row[m] + 1).min(corner + 1);
        }
    }
    row[read.len()]
}

/// Sentences in changing languages, voices, speeds, pitches and loudness; and how many there are.
fn conversation(seed: u64, seconds: f64) -> (Vec<i16>, usize) {
    let mut random = Random::new(seed);
    let mut pick = |n: usize| (random.next_u64() >> 20) as usize % n;
    let (mut samples, mut sentences) = (Vec::new(), 0);
    while (samples.len() as f64) < seconds * 8000.0 {
        let (language, text) = TEXTS[pick(3)];
        let lines: Vec<&str> = text.lines().collect();
        let voice = format!("{language}{}", VARIANTS[pick(VARIANTS.len())]);
        let (speed, pitch) = (120 + pick(90), 20 + pick(70));
        let loudness = [600.0, 1500.0, 3000.0, 5000.0][pick(4)];
        let speech = say_at(&voice, lines[pick(lines.len())], speed, pitch, loudness);
        samples.extend(speech.iter().map(|s| ulaw_decode(ulaw_encode(*s))));
        sentences += 1;
    }
    (samples, sentences)
}

#[test]
fn the_distance_counts_wrong_missing_and_invented_digits() {
    assert_eq!(distance(b"12345", b"12345"), 0);
    assert_eq!(distance(b"12345", b"1245"), 1);
    assert_eq!(distance(b"12345", b"123945"), 1);
    assert_eq!(distance(b"12345", b""), 5);
}

#[test]
fn digits_of_every_tape_are_read_with_at_most_one_percent_of_errors() {
    let tapes = [
        ("plain", PLAIN),
        ("loud and faint", Tape { level: [-30.0, 0.0], ..PLAIN }),
        ("twisted", Tape { twist: [-8.0, 4.0], ..PLAIN }),
        ("short", Tape { tone_ms: [40.0, 50.0], gap_ms: [40.0, 50.0], ..PLAIN }),
        ("long", Tape { tone_ms: [300.0, 2000.0], gap_ms: [200.0, 1000.0], ..PLAIN }),
        ("off by 1.5 %", Tape { shift: [-0.015, 0.015], ..PLAIN }),
        ("noisy", Tape { noise_below: Some(15.0), ..PLAIN }),
        ("over speech", Tape { speech_below: Some(20.0), ..PLAIN }),
        (
            "all at once",
            Tape {
                tone_ms: [45.0, 200.0],
                gap_ms: [45.0, 200.0],
                level: [-24.0, -3.0],
                twist: [-6.0, 3.0],
                shift: [-0.012, 0.012],
                noise_below: Some(20.0),
                speech_below: None,
            },
        ),
    ];
    for (name, tape) in tapes {
        let errors = tape.errors();
        println!("{name}: {:.2} % of {DIGITS} digits wrong", 100.0 * errors);
        assert!(errors <= MAX_ERRORS, "{name}: {errors}");
    }
}

/// Digits found in so much speech.
fn false_digits(seed: u64, seconds: f64) -> usize {
    let (samples, sentences) = conversation(seed, seconds);
    let found = read(&samples);
    let text = String::from_utf8_lossy(&found).into_owned();
    println!("{sentences} sentences, {} s: {} digits {text}", samples.len() / 8000, found.len());
    found.len()
}

#[test]
fn five_minutes_of_speech_are_hardly_taken_for_digits() {
    assert!(false_digits(1, 300.0) <= 1);
}

#[test]
#[ignore = "an hour of speech: cargo test --release --test speech -- --ignored --nocapture"]
fn an_hour_of_speech_has_fewer_than_five_false_digits() {
    assert!(false_digits(2, 3600.0) < 5);
}
