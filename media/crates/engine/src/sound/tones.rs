//! Call progress tones by country (ITU-T E.180 supplement 2).

use super::Clip;
use codec::level::sine_peak;

/// Level of each frequency, dBm0.
const LEVEL: f32 = -13.0;

/// Frequencies in Hz that sound together, then pairs of on and off in ms; off 0 means without end.
struct Pattern {
    frequencies: &'static [f32],
    cadence: &'static [(u32, u32)],
}

const fn pattern(frequencies: &'static [f32], cadence: &'static [(u32, u32)]) -> Pattern {
    Pattern { frequencies, cadence }
}

fn european(name: &str) -> Option<Pattern> {
    Some(match name {
        "ringback" => pattern(&[425.0], &[(1000, 4000)]),
        "busy" => pattern(&[425.0], &[(500, 500)]),
        "congestion" => pattern(&[425.0], &[(250, 250)]),
        "dial" => pattern(&[425.0], &[(1000, 0)]),
        "beep" => pattern(&[1000.0], &[(300, 0)]),
        _ => return None,
    })
}

fn by_country(name: &str, country: &str) -> Option<Pattern> {
    let special = match (country, name) {
        ("US" | "CA", "ringback") => pattern(&[440.0, 480.0], &[(2000, 4000)]),
        ("US" | "CA", "busy") => pattern(&[480.0, 620.0], &[(500, 500)]),
        ("US" | "CA", "congestion") => pattern(&[480.0, 620.0], &[(250, 250)]),
        ("US" | "CA", "dial") => pattern(&[350.0, 440.0], &[(1000, 0)]),
        ("GB", "ringback") => pattern(&[400.0, 450.0], &[(400, 200), (400, 2000)]),
        ("GB", "busy") => pattern(&[400.0], &[(375, 375)]),
        ("GB", "dial") => pattern(&[350.0, 450.0], &[(1000, 0)]),
        ("RU" | "UA" | "MD" | "KZ", "ringback") => pattern(&[425.0], &[(1000, 4000)]),
        ("RU" | "UA" | "MD" | "KZ", "busy") => pattern(&[425.0], &[(400, 400)]),
        ("RU" | "UA" | "MD" | "KZ", "congestion") => pattern(&[425.0], &[(200, 200)]),
        ("RO", "ringback") => pattern(&[450.0], &[(1000, 4000)]),
        ("RO", "busy") => pattern(&[450.0], &[(167, 167)]),
        ("FR", "ringback") => pattern(&[440.0], &[(1500, 3500)]),
        _ => return european(name),
    };
    Some(special)
}

/// One period of a tone, ready to repeat; and whether it repeats.
pub fn clip(name: &str, country: Option<&str>) -> Option<(Clip, bool)> {
    let country = country.unwrap_or("").to_ascii_uppercase();
    let pattern = by_country(name, &country)?;
    let clip = Clip { at_8k: render(&pattern, 8000), at_16k: render(&pattern, 16000) };
    Some((clip, name != "beep"))
}

fn render(pattern: &Pattern, rate: u32) -> Box<[i16]> {
    let mut samples = Vec::new();
    let peak = sine_peak(LEVEL);
    for (on, off) in pattern.cadence {
        let length = on * rate / 1000;
        let edge = if *off == 0 { 0 } else { rate / 200 };
        for n in 0..length {
            let t = n as f32 / rate as f32;
            let sum: f32 =
                pattern.frequencies.iter().map(|hz| (std::f32::consts::TAU * hz * t).sin()).sum();
            let from_edge = n.min(length - 1 - n) + 1;
            let shape = if from_edge < edge { from_edge as f32 / edge as f32 } else { 1.0 };
            samples.push((peak * shape * sum) as i16);
        }
        samples.extend(std::iter::repeat_n(0, (off * rate / 1000) as usize));
    }
    samples.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_tone_exists_everywhere_at_both_rates() {
        for country in ["US", "GB", "RU", "MD", "RO", "FR", "DE", "", "xx"] {
            for name in ["ringback", "busy", "congestion", "dial", "beep"] {
                let (clip, repeats) = clip(name, Some(country)).unwrap();
                assert_eq!(clip.at_16k.len(), 2 * clip.at_8k.len(), "{country} {name}");
                assert_eq!(repeats, name != "beep");
                assert!(clip.at_8k.iter().any(|s| s.abs() > 4000));
            }
        }
        assert!(clip("siren", None).is_none());
    }

    #[test]
    fn a_tone_that_repeats_has_no_step_at_its_seam() {
        let (dial, _) = clip("dial", Some("GB")).unwrap();
        let seam = (dial.at_8k[0] - dial.at_8k[dial.at_8k.len() - 1]).abs();
        let largest = dial.at_8k.windows(2).map(|pair| (pair[1] - pair[0]).abs()).max().unwrap();
        assert!(seam <= largest);
    }
}
