//! Speech by espeak-ng, and how much of it is found in what was heard.
//!
//! Theory of operation. The place of the whole phrase in what was heard is where the product of both is greatest. Then the
//! phrase is cut into pieces of 200 ms; each one with speech in it is looked for near its own place, as a jitter
//! buffer may move speech by some tens of ms, and its normalized correlation (1 for the same shape at any loudness) is taken.
//! Speech came through when nearly every piece is alike: the whole, not only some of it.

use std::process::Command;

/// A piece counts as heard when its correlation is at least this. Pieces of other speech, even by the same voice, have
/// about 0.2; G.711 and G.722 leave more than 0.99.
pub const ALIKE: f64 = 0.8;
/// Share of the pieces that must be heard.
pub const ENOUGH: f64 = 0.9;
/// The same when packets are lost and come in disorder: a piece with two holes or a seam may fail.
pub const ENOUGH_AFTER_LOSS: f64 = 0.75;
const RATE: usize = 8000;
const PIECE: usize = RATE / 5;
/// How far a piece may be from the place of the whole.
const ASTRAY: usize = RATE * 6 / 100;
/// Root mean square below which a piece is a pause.
const PAUSE: f64 = 300.0;

/// What people say; voices differ so that two who speak at once differ.
pub const ENGLISH: (&str, &str) =
    ("en+m3", "Good morning, I am calling about the order from yesterday, when will it arrive?");
pub const RUSSIAN: (&str, &str) =
    ("ru+f2", "Добрый день, мне нужна справка о вашем новом тарифе и о сроках доставки.");
pub const ROMANIAN: (&str, &str) =
    ("ro+m1", "Bună ziua, aș dori să schimb adresa de livrare pentru comanda mea de ieri.");

fn espeak(options: &[&str]) -> wav::Sound {
    let output = Command::new("espeak-ng").args(options).arg("--stdout").output();
    let output = output.expect("the tests need espeak-ng (tools/bootstrap.sh test)");
    wav::read(&output.stdout).expect("espeak-ng writes a WAV file")
}

fn at_level(samples: &[i16], loudness: f64) -> Vec<i16> {
    let factor = loudness / level(samples).max(1.0);
    samples.iter().map(|s| (f64::from(*s) * factor).clamp(-32768.0, 32767.0) as i16).collect()
}

/// A phrase at `rate` Hz, at a usual loudness, at most `seconds` of it.
pub fn say((voice, text): (&str, &str), rate: u32, seconds: f64) -> Vec<i16> {
    let sound = espeak(&["-v", voice, "-s", "170", text]);
    let mut samples = codec::resample::convert(&sound.samples, sound.rate, rate);
    samples.truncate((seconds * f64::from(rate)) as usize);
    at_level(&samples, 2500.0)
}

/// A sentence at 8,000 Hz; `speed` in words a minute, `pitch` from 0 to 99, loudness as root mean square.
pub fn say_at(voice: &str, text: &str, speed: usize, pitch: usize, loudness: f64) -> Vec<i16> {
    let (speed, pitch) = (speed.to_string(), pitch.to_string());
    let sound = espeak(&["-v", voice, "-s", &speed, "-p", &pitch, text]);
    at_level(&codec::resample::convert(&sound.samples, sound.rate, 8000), loudness)
}

/// How much of a phrase was found.
#[derive(Clone, Copy, Debug)]
pub struct Likeness {
    /// Share of the pieces with speech that were heard.
    pub heard: f64,
    pub median: f64,
    /// Level of what was heard against what was sent.
    pub gain_db: f64,
    /// Where the phrase begins in what was heard, in samples.
    pub place: i64,
}

pub fn level(samples: &[i16]) -> f64 {
    energy(samples).sqrt() / (samples.len().max(1) as f64).sqrt()
}

fn energy(samples: &[i16]) -> f64 {
    product(samples, samples)
}

fn product(a: &[i16], b: &[i16]) -> f64 {
    let sum: i64 = a.iter().zip(b).map(|(a, b)| i64::from(i32::from(*a) * i32::from(*b))).sum();
    sum as f64
}

/// The part of `heard` at a place that may lie before its start or past its end.
fn part(heard: &[i16], place: i64, len: usize) -> &[i16] {
    let start = place.clamp(0, heard.len() as i64) as usize;
    let end = (place + len as i64).clamp(start as i64, heard.len() as i64) as usize;
    &heard[start..end]
}

fn correlation(piece: &[i16], heard: &[i16], place: i64) -> f64 {
    let skip = (-place).clamp(0, piece.len() as i64) as usize;
    let there = part(heard, place + skip as i64, piece.len() - skip);
    product(&piece[skip..], there) / (energy(piece) * energy(there)).sqrt().max(1.0)
}

/// A quarter of the rate, enough to find a place.
fn rough(samples: &[i16]) -> Vec<i16> {
    let mean = |four: &[i16]| (four.iter().map(|s| i32::from(*s)).sum::<i32>() / 4) as i16;
    samples.chunks_exact(4).map(mean).collect()
}

fn best_place(sent: &[i16], heard: &[i16], places: std::ops::RangeInclusive<i64>) -> i64 {
    let score = |place: i64| {
        let skip = (-place).clamp(0, sent.len() as i64) as usize;
        product(&sent[skip..], part(heard, place + skip as i64, sent.len() - skip))
    };
    let scored = places.map(|place| (score(place), place));
    scored.max_by(|a, b| a.0.total_cmp(&b.0)).map_or(0, |(_, place)| place)
}

fn place_of(sent: &[i16], heard: &[i16]) -> i64 {
    let (small, all) = (rough(sent), rough(heard));
    let near = 4 * best_place(&small, &all, -(small.len() as i64) / 2..=all.len() as i64);
    best_place(sent, heard, near - 6..=near + 6)
}

/// Both at 8,000 Hz.
pub fn likeness(sent: &[i16], heard: &[i16]) -> Likeness {
    let place = place_of(sent, heard);
    let (mut scores, mut gains) = (Vec::new(), Vec::new());
    for (n, piece) in sent.chunks_exact(PIECE).enumerate() {
        if level(piece) < PAUSE {
            continue;
        }
        let own = place + (n * PIECE) as i64;
        let near = own - ASTRAY as i64..=own + ASTRAY as i64;
        let scored = near.map(|place| (correlation(piece, heard, place), place));
        let (score, best) = scored.max_by(|a, b| a.0.total_cmp(&b.0)).unwrap_or((0.0, own));
        scores.push(score);
        gains.push(20.0 * (level(part(heard, best, PIECE)).max(1.0) / level(piece)).log10());
    }
    assert!(scores.len() >= 4, "too little speech to measure");
    let alike = scores.iter().filter(|score| **score >= ALIKE).count();
    let heard = alike as f64 / scores.len() as f64;
    scores.sort_by(f64::total_cmp);
    gains.sort_by(f64::total_cmp);
    let middle = scores.len() / 2;
    Likeness { heard, median: scores[middle], gain_db: gains[middle], place }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECONDS: f64 = 2.4;

    fn embedded(speech: &[i16], before: usize) -> Vec<i16> {
        [vec![0; before], speech.to_vec(), vec![0; 4000]].concat()
    }

    #[test]
    fn the_same_speech_is_found_at_its_place_and_level() {
        for phrase in [ENGLISH, RUSSIAN, ROMANIAN] {
            let speech = say(phrase, 8000, SECONDS);
            let half: Vec<i16> = speech.iter().map(|s| s / 2).collect();
            let found = likeness(&speech, &embedded(&half, 3210));
            assert!(found.heard == 1.0 && found.median > 0.999, "{found:?}");
            assert!(found.place == 3210 && (found.gain_db + 6.0).abs() < 0.2, "{found:?}");
        }
    }

    #[test]
    fn silence_noise_and_other_speech_are_far_from_enough() {
        let speech = say(RUSSIAN, 8000, SECONDS);
        let mut random = netem::Random::new(1);
        let noise: Vec<i16> =
            (0..30_000).map(|_| (8000.0 * (random.share() - 0.5)) as i16).collect();
        let mut others = vec![vec![0; 30_000], noise];
        for phrase in [ENGLISH, ROMANIAN, ("ru+f2", "Спасибо, всего доброго и до свидания.")]
        {
            others.push(embedded(&say(phrase, 8000, SECONDS), 1000));
        }
        for other in others {
            let found = likeness(&speech, &other);
            assert!(found.heard <= 0.1, "{found:?}");
        }
    }

    #[test]
    fn half_of_the_speech_is_not_enough() {
        let speech = say(ENGLISH, 8000, SECONDS);
        let mut cut = speech.clone();
        let middle = cut.len() / 2;
        cut[middle..].fill(0);
        let found = likeness(&speech, &embedded(&cut, 500));
        assert!(found.heard < 0.7, "{found:?}");
    }

    #[test]
    fn five_percent_of_holes_and_a_shift_of_40_ms_are_forgiven() {
        let speech = say(ROMANIAN, 8000, SECONDS);
        let mut random = netem::Random::new(3);
        let mut heard: Vec<i16> = Vec::new();
        for (n, frame) in speech.chunks(160).enumerate() {
            // The buffer of the listener grows in the middle.
            if n == 60 {
                heard.extend([0; 320]);
            }
            let lost = random.share() < 0.05;
            heard.extend(frame.iter().map(|s| if lost { 0 } else { *s }));
        }
        let found = likeness(&speech, &embedded(&heard, 500));
        assert!(found.heard >= ENOUGH_AFTER_LOSS, "{found:?}");
    }
}
