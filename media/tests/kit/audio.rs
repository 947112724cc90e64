//! Test voices, and how much of one is found in what was heard.

/// A voice-like signal that is like no other seed's and like no other moment of itself.
pub fn voice(seed: u32, seconds: f64, rate: u32) -> Vec<i16> {
    let mut random = netem::Random::new(u64::from(seed) + 1);
    let mut samples = Vec::new();
    let total = (seconds * f64::from(rate)) as usize;
    let mut phase = 0f64;
    let (mut hz, mut loudness) = (300.0, 0.5);
    for n in 0..total {
        // Every 40 ms another pitch and loudness.
        if n % (rate as usize / 25) == 0 {
            hz = 250.0 + 1200.0 * random.share();
            loudness = 0.2 + 0.8 * random.share();
        }
        samples.push((7000.0 * loudness * phase.sin()) as i16);
        // After the sample, so that the same instant has the same phase at every rate.
        phase += std::f64::consts::TAU * hz / f64::from(rate);
    }
    samples
}

/// Best normalized correlation of a stretch of `sent` anywhere in `heard`, and its place there.
pub fn find(sent: &[i16], heard: &[i16]) -> (f64, usize) {
    let energy = |part: &[i16]| part.iter().map(|s| f64::from(*s).powi(2)).sum::<f64>();
    let own = energy(sent);
    let mut best = (0.0, 0);
    if heard.len() < sent.len() || own == 0.0 {
        return best;
    }
    for at in 0..=heard.len() - sent.len() {
        let part = &heard[at..at + sent.len()];
        let product: f64 = sent.iter().zip(part).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum();
        let score = product / (own * energy(part)).sqrt().max(1.0);
        if score > best.0 {
            best = (score, at);
        }
    }
    best
}

/// How well a second of `sent`, from `from_s` on, is found in `heard`.
pub fn found(sent: &[i16], from_s: f64, heard: &[i16], rate: u32) -> f64 {
    let start = (from_s * f64::from(rate)) as usize;
    find(&sent[start..start + rate as usize / 2], heard).0
}

pub fn level(samples: &[i16]) -> f64 {
    let sum: f64 = samples.iter().map(|s| f64::from(*s).powi(2)).sum();
    (sum / samples.len().max(1) as f64).sqrt()
}
