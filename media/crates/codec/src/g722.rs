//! ITU-T G.722 at 64 kbit/s: 16 kHz audio in two bands, each by adaptive differential PCM.
//!
//! Names of the blocks follow the Recommendation (section 6, "Computational details"). RFC 3551
//! 4.5.2: the RTP clock of G.722 is 8,000 Hz although the audio has 16,000 samples a second.

/// Decision levels of the 6-bit quantizer of the lower band (table 14).
const Q6: [i32; 30] = [
    0, 35, 72, 110, 150, 190, 233, 276, 323, 370, 422, 473, 530, 587, 650, 714, 786, 858, 940,
    1023, 1121, 1219, 1339, 1458, 1612, 1765, 1980, 2195, 2557, 2919,
];
/// Output levels of the inverse 6-bit quantizer.
const QM6: [i32; 64] = [
    -136, -136, -136, -136, -24808, -21904, -19008, -16704, -14984, -13512, -12280, -11192, -10232,
    -9360, -8576, -7856, -7192, -6576, -6000, -5456, -4944, -4464, -4008, -3576, -3168, -2776,
    -2400, -2032, -1688, -1360, -1040, -728, 24808, 21904, 19008, 16704, 14984, 13512, 12280,
    11192, 10232, 9360, 8576, 7856, 7192, 6576, 6000, 5456, 4944, 4464, 4008, 3576, 3168, 2776,
    2400, 2032, 1688, 1360, 1040, 728, 432, 136, -432, -136,
];
/// Output levels of the inverse 4-bit quantizer, which drives the predictor.
const QM4: [i32; 16] = [
    0, -20456, -12896, -8968, -6288, -4240, -2584, -1200, 20456, 12896, 8968, 6288, 4240, 2584,
    1200, 0,
];
/// Output levels of the inverse 2-bit quantizer of the higher band.
const QM2: [i32; 4] = [-7408, -1616, 7408, 1616];
/// Logarithmic scale-factor multipliers of the lower band and the map of codes onto them.
const WL: [i32; 8] = [-60, -30, 58, 172, 334, 538, 1198, 3042];
const RL42: [usize; 16] = [0, 7, 6, 5, 4, 3, 2, 1, 7, 6, 5, 4, 3, 2, 1, 0];
/// The same for the higher band.
const WH: [i32; 3] = [0, -214, 798];
const RH2: [usize; 4] = [2, 1, 2, 1];
/// Inverse logarithm table.
const ILB: [i32; 32] = [
    2048, 2093, 2139, 2186, 2233, 2282, 2332, 2383, 2435, 2489, 2543, 2599, 2656, 2714, 2774, 2834,
    2896, 2960, 3025, 3091, 3158, 3228, 3298, 3371, 3444, 3520, 3597, 3676, 3756, 3838, 3922, 4008,
];
/// One half of the symmetric quadrature mirror filter (table 11).
const QMF: [i32; 12] = [3, -11, 12, 32, -210, 951, 3876, -805, 362, -156, 53, -11];

fn saturate(value: i32) -> i32 {
    value.clamp(-32768, 32767)
}

/// Adaptive predictor and quantizer scale of one band.
#[derive(Clone, Debug)]
struct Band {
    /// Signal estimate, its zero-section part.
    s: i32,
    sz: i32,
    /// Reconstructed signal, partial signal and difference, newest first.
    r: [i32; 2],
    p: [i32; 3],
    d: [i32; 7],
    /// Pole and zero coefficients.
    a: [i32; 2],
    b: [i32; 6],
    /// Logarithmic scale factor and the scale factor itself.
    nb: i32,
    det: i32,
}

impl Band {
    fn new(det: i32) -> Self {
        Band { s: 0, sz: 0, r: [0; 2], p: [0; 3], d: [0; 7], a: [0; 2], b: [0; 6], nb: 0, det }
    }

    /// Blocks LOGSCL and SCALEL, or LOGSCH and SCALEH.
    fn rescale(&mut self, weight: i32, limit: i32, shift: i32) {
        self.nb = (((self.nb * 127) >> 7) + weight).clamp(0, limit);
        let fraction = ILB[((self.nb >> 6) & 31) as usize];
        let exponent = shift - (self.nb >> 11);
        let value = if exponent < 0 { fraction << -exponent } else { fraction >> exponent };
        self.det = value << 2;
    }

    /// Block 4: takes the quantized difference and predicts the next sample.
    fn adapt(&mut self, difference: i32) {
        // RECONS and PARREC.
        let reconstructed = saturate(self.s + difference);
        let partial = saturate(self.sz + difference);
        self.p = [partial, self.p[0], self.p[1]];
        self.adapt_poles();
        self.adapt_zeros(difference);
        // DELAYA.
        self.r = [reconstructed, self.r[0]];
        // FILTEP, FILTEZ, PREDIC.
        let poles = ((saturate(2 * self.r[0]) * self.a[0]) >> 15)
            + ((saturate(2 * self.r[1]) * self.a[1]) >> 15);
        let zeros: i32 = (0..6).map(|i| (saturate(2 * self.d[i]) * self.b[i]) >> 15).sum();
        self.sz = saturate(zeros);
        self.s = saturate(saturate(poles) + self.sz);
    }

    fn adapt_poles(&mut self) {
        let same = |a: i32, b: i32| (a < 0) == (b < 0);
        // UPPOL2.
        let product = saturate(4 * self.a[0]);
        let signed = if same(self.p[0], self.p[1]) { -product } else { product };
        let step = if same(self.p[0], self.p[2]) { 128 } else { -128 };
        let leak = (self.a[1] * 32512) >> 15;
        let a2 = ((signed.min(32767) >> 7) + step + leak).clamp(-12288, 12288);
        // UPPOL1.
        let step = if same(self.p[0], self.p[1]) { 192 } else { -192 };
        let bound = saturate(15360 - a2);
        let a1 = saturate(step + ((self.a[0] * 32640) >> 15)).clamp(-bound, bound);
        self.a = [a1, a2];
    }

    fn adapt_zeros(&mut self, difference: i32) {
        // UPZERO.
        let step = if difference == 0 { 0 } else { 128 };
        for i in 0..6 {
            let signed = if (difference < 0) == (self.d[i] < 0) { step } else { -step };
            self.b[i] = saturate(signed + ((self.b[i] * 32640) >> 15));
        }
        self.d.rotate_right(1);
        self.d[0] = difference;
    }
}

fn low_band() -> Band {
    Band::new(32)
}

fn high_band() -> Band {
    Band::new(8)
}

fn adapt_low(band: &mut Band, code4: usize) {
    let difference = (band.det * QM4[code4]) >> 15;
    band.rescale(WL[RL42[code4]], 18432, 8);
    band.adapt(difference);
}

fn adapt_high(band: &mut Band, code: usize) {
    let difference = (band.det * QM2[code]) >> 15;
    band.rescale(WH[RH2[code]], 22528, 10);
    band.adapt(difference);
}

#[derive(Clone, Debug)]
pub struct Encoder {
    low: Band,
    high: Band,
    history: [i32; 24],
}

impl Default for Encoder {
    fn default() -> Self {
        Encoder { low: low_band(), high: high_band(), history: [0; 24] }
    }
}

impl Encoder {
    /// Encodes pairs of 16 kHz samples to one byte each; an odd last sample is left out.
    pub fn encode(&mut self, samples: &[i16], out: &mut [u8]) {
        for (code, pair) in out.iter_mut().zip(samples.chunks_exact(2)) {
            *code = self.encode_pair(i32::from(pair[0]), i32::from(pair[1]));
        }
    }

    fn encode_pair(&mut self, first: i32, second: i32) -> u8 {
        self.history.copy_within(2.., 0);
        self.history[22] = first;
        self.history[23] = second;
        let (mut even, mut odd) = (0i32, 0i32);
        for i in 0..12 {
            odd += self.history[2 * i] * QMF[i];
            even += self.history[2 * i + 1] * QMF[11 - i];
        }
        let low = (even + odd) >> 14;
        let high = (even - odd) >> 14;
        let low_code = self.encode_low(saturate(low));
        (self.encode_high(saturate(high)) << 6) | low_code
    }

    fn encode_low(&mut self, sample: i32) -> u8 {
        // SUBTRA and QUANTL.
        let error = saturate(sample - self.low.s);
        let magnitude = if error >= 0 { error } else { -(error + 1) };
        let level =
            (1..30).find(|level| magnitude < (Q6[*level] * self.low.det) >> 12).unwrap_or(30) as u8;
        let code = match (error < 0, level) {
            // Table 15: the two largest negative levels of all have codes of their own.
            (true, 1) => 63,
            (true, 2) => 62,
            (true, level) => 34 - level,
            (false, level) => 62 - level,
        };
        adapt_low(&mut self.low, usize::from(code >> 2));
        code
    }

    fn encode_high(&mut self, sample: i32) -> u8 {
        // SUBTRA and QUANTH.
        let error = saturate(sample - self.high.s);
        let magnitude = if error >= 0 { error } else { -(error + 1) };
        let outer = magnitude >= (564 * self.high.det) >> 12;
        let code = match (error < 0, outer) {
            (true, true) => 0,
            (true, false) => 1,
            (false, true) => 2,
            (false, false) => 3,
        };
        adapt_high(&mut self.high, usize::from(code));
        code
    }
}

#[derive(Clone, Debug)]
pub struct Decoder {
    low: Band,
    high: Band,
    history: [i32; 24],
}

impl Default for Decoder {
    fn default() -> Self {
        Decoder { low: low_band(), high: high_band(), history: [0; 24] }
    }
}

impl Decoder {
    /// Decodes each byte to two 16 kHz samples.
    pub fn decode(&mut self, codes: &[u8], out: &mut [i16]) {
        for (pair, code) in out.chunks_exact_mut(2).zip(codes) {
            let [first, second] = self.decode_code(*code);
            pair[0] = first;
            pair[1] = second;
        }
    }

    fn decode_code(&mut self, code: u8) -> [i16; 2] {
        let low_code = usize::from(code & 0x3f);
        // INVQBL, RECONS, LIMIT.
        let low = self.low.s + ((self.low.det * QM6[low_code]) >> 15);
        let low = low.clamp(-16384, 16383);
        adapt_low(&mut self.low, low_code >> 2);
        let high_code = usize::from(code >> 6);
        let high = self.high.s + ((self.high.det * QM2[high_code]) >> 15);
        let high = high.clamp(-16384, 16383);
        adapt_high(&mut self.high, high_code);
        self.synthesize(low, high)
    }

    fn synthesize(&mut self, low: i32, high: i32) -> [i16; 2] {
        self.history.copy_within(2.., 0);
        self.history[22] = low + high;
        self.history[23] = low - high;
        let (mut first, mut second) = (0i32, 0i32);
        for i in 0..12 {
            second += self.history[2 * i] * QMF[i];
            first += self.history[2 * i + 1] * QMF[11 - i];
        }
        [saturate(first >> 11) as i16, saturate(second >> 11) as i16]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sine(frequency: f32, peak: f32, samples: usize) -> Vec<i16> {
        let step = std::f32::consts::TAU * frequency / 16000.0;
        (0..samples).map(|n| (peak * (n as f32 * step).sin()) as i16).collect()
    }

    fn round_trip(samples: &[i16]) -> Vec<i16> {
        let mut codes = vec![0; samples.len() / 2];
        Encoder::default().encode(samples, &mut codes);
        let mut out = vec![0; samples.len()];
        Decoder::default().decode(&codes, &mut out);
        out
    }

    /// Signal-to-noise ratio in dB at the best alignment up to 40 samples.
    fn snr(sent: &[i16], heard: &[i16]) -> f32 {
        (0..40)
            .map(|delay| {
                let (mut signal, mut noise) = (0f64, 0f64);
                for n in 2000..sent.len() - 100 {
                    let (s, h) = (f64::from(sent[n]), f64::from(heard[n + delay]));
                    signal += s * s;
                    noise += (s - h) * (s - h);
                }
                (10.0 * (signal / noise.max(1.0)).log10()) as f32
            })
            .fold(f32::MIN, f32::max)
    }

    #[test]
    fn tones_of_both_bands_come_out_as_they_went_in() {
        for (frequency, least) in [(300.0, 30.0), (1000.0, 30.0), (3000.0, 25.0), (5500.0, 12.0)] {
            let sent = sine(frequency, 8000.0, 8000);
            let ratio = snr(&sent, &round_trip(&sent));
            assert!(ratio > least, "{frequency} Hz: {ratio} dB");
        }
    }

    #[test]
    fn silence_stays_nearly_silent() {
        assert!(round_trip(&[0; 3200]).iter().all(|s| s.abs() < 20));
    }

    #[test]
    fn full_scale_and_random_codes_do_not_overflow() {
        let loud: Vec<i16> =
            (0..6400).map(|n| if n % 20 < 10 { i16::MAX } else { i16::MIN }).collect();
        round_trip(&loud);
        let mut state = 1u32;
        let codes: Vec<u8> = (0..100_000)
            .map(|_| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (state >> 24) as u8
            })
            .collect();
        let mut out = vec![0; 200_000];
        Decoder::default().decode(&codes, &mut out);
    }
}
