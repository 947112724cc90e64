//! Speech on the recording's axis after a bad link: not only at the right time, but in one piece.

use std::time::Duration;

use netem::{Link, Profile, Random};
use timeline::{Axis, Track};

const RATE: usize = 8000;
const FRAME: usize = 160;
/// What the writer waits for before a moment is final.
const FLUSH_BEHIND: i64 = 2400;
const PIECE: usize = 1600;
/// A piece may lie this far from the place of the whole: where it lies is for other tests.
const ASTRAY: i64 = 800;

/// Noise without anything above 1 kHz: about as smooth as speech, and like no other moment of itself.
fn speech(seed: u64, frames: usize) -> Vec<i16> {
    let mut random = Random::new(seed);
    let mut smooth = [0f64; 4];
    (0..frames * FRAME)
        .map(|_| {
            let mut value = 40_000.0 * (random.share() - 0.5);
            for stage in &mut smooth {
                *stage += 0.45 * (value - *stage);
                value = *stage;
            }
            value as i16
        })
        .collect()
}

/// What the recording has of it.
fn recorded(sent: &[i16], profile: Profile, seed: u64) -> Vec<i16> {
    let mut link = Link::new(profile, seed);
    let (mut axis, mut track) = (Axis::new(RATE as u32), Track::default());
    let mut out = Vec::new();
    let frames = sent.len() / FRAME;
    for now_ms in 0..frames as u64 * 20 + 500 {
        let now = Duration::from_millis(now_ms);
        if now_ms % 20 == 0 && now_ms / 20 < frames as u64 {
            link.push(now, &((now_ms / 20) as u32).to_be_bytes());
        }
        // The call has been recorded for a second when the speech begins.
        let position = now_ms as i64 * 8 + 8000;
        while let Some(packet) = link.pop(now) {
            let n = u32::from_be_bytes(packet.try_into().unwrap());
            let samples = &sent[n as usize * FRAME..][..FRAME];
            axis.write(0, &mut track, 1, n.wrapping_mul(160).wrapping_sub(800), samples, position);
        }
        axis.flush(position - FLUSH_BEHIND, &mut out);
    }
    out.iter().step_by(2).copied().collect()
}

fn product(a: &[i16], b: &[i16]) -> f64 {
    a.iter().zip(b).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum()
}

fn correlation(piece: &[i16], heard: &[i16], place: i64) -> f64 {
    let there = usize::try_from(place).ok().and_then(|p| heard.get(p..p + piece.len()));
    let Some(there) = there else { return 0.0 };
    product(piece, there) / (product(piece, piece) * product(there, there)).sqrt().max(1.0)
}

/// The best place around another one, found roughly and then exactly: the signal is smooth.
fn best(piece: &[i16], heard: &[i16], around: i64, reach: i64) -> (i64, f64) {
    let score = |place: &i64| correlation(piece, heard, *place);
    let places = (around - reach..=around + reach).step_by(3);
    let rough = places.max_by(|a, b| score(a).total_cmp(&score(b))).unwrap_or(around);
    let places = rough - 3..=rough + 3;
    let place = places.max_by(|a, b| score(a).total_cmp(&score(b))).unwrap_or(rough);
    (place, score(&place))
}

/// Share of the pieces of 200 ms that are alike, over many links.
fn alike(profile: Profile) -> f64 {
    let (mut good, mut all) = (0, 0);
    for seed in 1..=6 {
        let sent = speech(seed, 150);
        let heard = recorded(&sent, profile, seed);
        for (n, piece) in sent.chunks_exact(PIECE).enumerate() {
            let around = 8000 + (n * PIECE) as i64;
            good += u32::from(best(piece, &heard, around, ASTRAY).1 >= 0.8);
            all += 1;
        }
    }
    f64::from(good) / f64::from(all)
}

fn jitter(ms: u64) -> Profile {
    Profile { jitter: Duration::from_millis(ms), ..Profile::default() }
}

#[test]
fn speech_stays_in_one_piece_at_80_ms_of_jitter_with_loss_and_disorder() {
    let bad = Profile { delay: Duration::from_millis(20), loss: 0.05, reorder: 0.01, ..jitter(80) };
    // A seam spoils the piece it is in; a stream of 3 s has one or two when it begins.
    for (profile, least) in
        [(jitter(0), 1.0), (jitter(15), 0.92), (jitter(40), 0.9), (jitter(80), 0.9), (bad, 0.85)]
    {
        let share = alike(profile);
        assert!(share >= least, "{profile:?}: {share}");
    }
}
