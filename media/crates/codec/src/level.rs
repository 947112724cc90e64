//! Levels. 0 dBm0 follows ITU-T G.711: a full-scale sine is +3.14 dBm0.

/// Level of a full-scale sine, dBm0 (mu-law +3.17, A-law +3.14; the difference is below hearing).
#[allow(clippy::approx_constant, reason = "decibels, not the circle")]
pub const FULL_SCALE_SINE_DBM0: f32 = 3.14;
/// What silence is reported as.
pub const FLOOR_DBM0: f32 = -90.0;

/// Amplitude factor of a gain in dB.
pub fn factor(db: f32) -> f32 {
    10f32.powf(db / 20.0)
}

/// Peak amplitude (of 32,768) of a sine with this level.
pub fn sine_peak(dbm0: f32) -> f32 {
    32767.0 * factor(dbm0 - FULL_SCALE_SINE_DBM0)
}

/// Level of a frame, dBm0.
pub fn dbm0(frame: &[i16]) -> f32 {
    let energy: u64 = frame.iter().map(|s| i64::from(*s).pow(2) as u64).sum();
    if energy == 0 || frame.is_empty() {
        return FLOOR_DBM0;
    }
    let mean = energy as f32 / frame.len() as f32;
    let full_scale = 32767f32 * 32767.0 / 2.0;
    (10.0 * (mean / full_scale).log10() + FULL_SCALE_SINE_DBM0).max(FLOOR_DBM0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sine_has_the_level_it_was_made_with() {
        for level in [3.0, 0.0, -10.0, -40.0] {
            let peak = sine_peak(level);
            let sine: Vec<i16> = (0..800)
                .map(|n| (peak * (n as f32 * std::f32::consts::TAU / 8.0).sin()).round() as i16)
                .collect();
            assert!((dbm0(&sine) - level).abs() < 0.1, "{level}: {}", dbm0(&sine));
        }
        assert_eq!(dbm0(&[0; 10]), FLOOR_DBM0);
        assert_eq!(dbm0(&[]), FLOOR_DBM0);
    }
}
