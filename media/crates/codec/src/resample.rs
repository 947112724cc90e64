//! Sample-rate conversion by a polyphase low-pass (Kaiser-windowed sinc), streaming.

/// Filter length on each side, in samples of the lower rate.
const HALF_WIDTH: usize = 16;
/// Kaiser parameter for about 70 dB of stop-band attenuation.
const BETA: f64 = 7.0;
/// Share of the lower Nyquist frequency that passes.
const PASS: f64 = 0.92;

fn gcd(a: u32, b: u32) -> u32 {
    if b == 0 { a } else { gcd(b, a % b) }
}

fn bessel_i0(x: f64) -> f64 {
    let (mut sum, mut term, mut n) = (1.0, 1.0, 1.0);
    while term > 1e-12 * sum {
        term *= (x / (2.0 * n)) * (x / (2.0 * n));
        sum += term;
        n += 1.0;
    }
    sum
}

/// A streaming converter; each output costs one dot product.
#[derive(Clone, Debug)]
pub struct Resampler {
    up: usize,
    down: usize,
    taps: usize,
    /// `up` filters of `taps` coefficients, each reversed for a forward dot product.
    phases: Vec<f32>,
    /// The last `taps` inputs, twice, so that a window is always contiguous.
    history: Vec<f32>,
    at: usize,
    phase: usize,
}

impl Resampler {
    /// Rates in Hz; both must be from 8,000 to 48,000.
    pub fn new(from: u32, to: u32) -> Self {
        let common = gcd(from, to);
        let (up, down) = ((to / common) as usize, (from / common) as usize);
        let stretch = (f64::from(from) / f64::from(to)).max(1.0);
        let taps = 2 * (HALF_WIDTH as f64 * stretch).ceil() as usize;
        let phases = design(up, taps, PASS / stretch);
        let history = vec![0.0; 2 * taps];
        // The first input produces the first output.
        Resampler { up, down, taps, phases, history, at: 0, phase: 0 }
    }

    /// Converts `input` and hands each sample out; n inputs give n * to / from outputs in the long run,
    /// exactly so when that is a whole number and every call gets the same n.
    pub fn process(&mut self, input: &[i16], mut out: impl FnMut(i16)) {
        for sample in input {
            self.history[self.at] = f32::from(*sample);
            self.history[self.at + self.taps] = f32::from(*sample);
            self.at = (self.at + 1) % self.taps;
            while self.phase < self.up {
                out(self.output());
                self.phase += self.down;
            }
            self.phase -= self.up;
        }
    }

    fn output(&self) -> i16 {
        let window = &self.history[self.at..self.at + self.taps];
        let filter = &self.phases[self.phase * self.taps..(self.phase + 1) * self.taps];
        let sum = dot(window, filter);
        sum.round().clamp(-32768.0, 32767.0) as i16
    }
}

/// Eight partial sums let the compiler use vector registers.
fn dot(a: &[f32], b: &[f32]) -> f32 {
    let mut sums = [0f32; 8];
    let (chunks_a, chunks_b) = (a.chunks_exact(8), b.chunks_exact(8));
    let tail: f32 = chunks_a.remainder().iter().zip(chunks_b.remainder()).map(|(x, y)| x * y).sum();
    for (x, y) in chunks_a.zip(chunks_b) {
        for i in 0..8 {
            sums[i] += x[i] * y[i];
        }
    }
    sums.iter().sum::<f32>() + tail
}

/// `up` phases of a low-pass with its cut-off at `cutoff` of the input's Nyquist frequency.
fn design(up: usize, taps: usize, cutoff: f64) -> Vec<f32> {
    let mut phases = vec![0f32; up * taps];
    let centre = taps as f64 / 2.0;
    for phase in 0..up {
        let mut filter = vec![0f64; taps];
        for (tap, value) in filter.iter_mut().enumerate() {
            // Distance, in input samples, of the output instant from this input.
            let distance = (taps - 1 - tap) as f64 + phase as f64 / up as f64 - centre;
            let x = distance / centre;
            if x.abs() < 1.0 {
                let window = bessel_i0(BETA * (1.0 - x * x).sqrt()) / bessel_i0(BETA);
                let angle = std::f64::consts::PI * distance * cutoff;
                let sinc = if angle.abs() < 1e-9 { 1.0 } else { angle.sin() / angle };
                *value = cutoff * sinc * window;
            }
        }
        // Unity gain at 0 Hz in every phase, or a constant would come out as a tone.
        let gain: f64 = filter.iter().sum();
        for (tap, value) in filter.iter().enumerate() {
            phases[phase * taps + tap] = (value / gain) as f32;
        }
    }
    phases
}

/// Converts a whole clip, with the filter's delay taken off.
pub fn convert(samples: &[i16], from: u32, to: u32) -> Vec<i16> {
    if from == to {
        return samples.to_vec();
    }
    let mut resampler = Resampler::new(from, to);
    let wanted = (samples.len() as u64 * u64::from(to) / u64::from(from)) as usize;
    let delay_in = resampler.taps / 2;
    // Starts at the phase at which an output falls exactly onto the first input.
    resampler.phase = (delay_in * resampler.up) % resampler.down;
    let delay_out = (delay_in * resampler.up - resampler.phase) / resampler.down;
    let mut out = Vec::with_capacity(wanted + delay_out + 2);
    resampler.process(samples, |sample| out.push(sample));
    resampler.process(&vec![0; delay_in + 1], |sample| out.push(sample));
    out.drain(..delay_out.min(out.len()));
    out.resize(wanted, 0);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATES: [u32; 8] = [8000, 11025, 16000, 22050, 24000, 32000, 44100, 48000];

    fn sine(frequency: f64, rate: u32, samples: usize) -> Vec<i16> {
        let step = std::f64::consts::TAU * frequency / f64::from(rate);
        (0..samples).map(|n| (10000.0 * (n as f64 * step).sin()).round() as i16).collect()
    }

    #[test]
    fn a_tone_is_the_same_tone_at_every_pair_of_rates() {
        for from in RATES {
            for to in RATES {
                let out = convert(&sine(1000.0, from, from as usize / 5), from, to);
                let ideal = sine(1000.0, to, out.len());
                let (mut noise, mut signal) = (0f64, 0f64);
                for n in out.len() / 4..out.len() * 3 / 4 {
                    noise += f64::from(out[n] as i32 - ideal[n] as i32).powi(2);
                    signal += f64::from(ideal[n]).powi(2);
                }
                let snr = 10.0 * (signal / noise.max(1.0)).log10();
                assert!(snr > 50.0, "{from} -> {to}: {snr:.1} dB");
            }
        }
    }

    #[test]
    fn what_the_lower_rate_cannot_hold_is_removed() {
        let out = convert(&sine(6000.0, 16000, 16000), 16000, 8000);
        let peak = out[500..7500].iter().map(|s| s.abs()).max().unwrap();
        assert!(peak < 20, "{peak}");
    }

    #[test]
    fn frames_of_20_ms_give_frames_of_20_ms() {
        for (from, to) in [(8000, 16000), (16000, 8000), (8000, 48000), (48000, 8000)] {
            let mut resampler = Resampler::new(from, to);
            for _ in 0..10 {
                let mut count = 0;
                resampler.process(&vec![100; from as usize / 50], |_| count += 1);
                assert_eq!(count, to as usize / 50, "{from} -> {to}");
            }
        }
    }

    #[test]
    fn a_constant_stays_constant() {
        let out = convert(&[5000; 4000], 11025, 48000);
        assert!(out[1000..10000].iter().all(|s| (s - 5000).abs() <= 1));
    }
}
