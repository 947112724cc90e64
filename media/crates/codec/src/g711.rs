//! ITU-T G.711: mu-law and A-law.

/// Mu-law code of silence.
pub const ULAW_SILENCE: u8 = 0xff;
/// A-law code of silence.
pub const ALAW_SILENCE: u8 = 0xd5;

const ULAW_BIAS: i32 = 0x84;
const ULAW_CLIP: i32 = 32_635;

const fn ulaw_to_linear(code: u8) -> i16 {
    let code = !code;
    let magnitude = ((((code & 0x0f) as i32) << 3) + ULAW_BIAS) << ((code & 0x70) >> 4);
    (if code & 0x80 != 0 { ULAW_BIAS - magnitude } else { magnitude - ULAW_BIAS }) as i16
}

const fn alaw_to_linear(code: u8) -> i16 {
    let code = code ^ 0x55;
    let mantissa = ((code & 0x0f) as i32) << 4;
    let segment = (code & 0x70) >> 4;
    let magnitude = match segment {
        0 => mantissa + 8,
        _ => (mantissa + 0x108) << (segment - 1),
    };
    (if code & 0x80 != 0 { magnitude } else { -magnitude }) as i16
}

const fn table(alaw: bool) -> [i16; 256] {
    let mut table = [0; 256];
    let mut code = 0;
    while code < 256 {
        table[code] = if alaw { alaw_to_linear(code as u8) } else { ulaw_to_linear(code as u8) };
        code += 1;
    }
    table
}

static ULAW: [i16; 256] = table(false);
static ALAW: [i16; 256] = table(true);

pub fn ulaw_decode(code: u8) -> i16 {
    ULAW[usize::from(code)]
}

pub fn alaw_decode(code: u8) -> i16 {
    ALAW[usize::from(code)]
}

pub fn ulaw_encode(sample: i16) -> u8 {
    let sample = i32::from(sample);
    let sign = if sample < 0 { 0x80 } else { 0 };
    let magnitude = sample.abs().min(ULAW_CLIP) + ULAW_BIAS;
    // The highest set bit is one of 7 to 14.
    let exponent = 24 - magnitude.leading_zeros() as i32;
    let mantissa = (magnitude >> (exponent + 3)) & 0x0f;
    !((sign | (exponent << 4) | mantissa) as u8)
}

pub fn alaw_encode(sample: i16) -> u8 {
    let (mask, magnitude) =
        if sample >= 0 { (0xd5, i32::from(sample)) } else { (0x55, -i32::from(sample) - 1) };
    let magnitude = magnitude >> 3;
    let exponent = (27 - (magnitude | 0x1f).leading_zeros() as i32).max(0);
    let shift = if exponent < 2 { 1 } else { exponent };
    let code = (exponent << 4) | ((magnitude >> shift) & 0x0f);
    code as u8 ^ mask
}

pub fn decode_ulaw(codes: &[u8], out: &mut [i16]) {
    for (sample, code) in out.iter_mut().zip(codes) {
        *sample = ulaw_decode(*code);
    }
}

pub fn decode_alaw(codes: &[u8], out: &mut [i16]) {
    for (sample, code) in out.iter_mut().zip(codes) {
        *sample = alaw_decode(*code);
    }
}

pub fn encode_ulaw(samples: &[i16], out: &mut [u8]) {
    for (code, sample) in out.iter_mut().zip(samples) {
        *code = ulaw_encode(*sample);
    }
}

pub fn encode_alaw(samples: &[i16], out: &mut [u8]) {
    for (code, sample) in out.iter_mut().zip(samples) {
        *code = alaw_encode(*sample);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decision_values_of_g711_tables_1_and_2() {
        // Decoder outputs y of the tables, on the 16-bit scale.
        for (code, linear) in
            [(0x80, 32124), (0x00, -32124), (0xff, 0), (0xf0, 120), (0x8f, 16764), (0x7e, -8)]
        {
            assert_eq!(ulaw_decode(code), linear, "mu {code:02x}");
        }
        for (code, linear) in
            [(0xd5, 8), (0x55, -8), (0xaa, 32256), (0x2a, -32256), (0xc5, 264), (0xda, 248)]
        {
            assert_eq!(alaw_decode(code), linear, "A {code:02x}");
        }
    }

    #[test]
    fn every_code_survives_decoding_and_encoding() {
        for code in 0..=255u8 {
            assert_eq!(alaw_encode(alaw_decode(code)), code);
            // Mu-law has two zeros; the encoder uses the positive one.
            let expected = if code == 0x7f { 0xff } else { code };
            assert_eq!(ulaw_encode(ulaw_decode(code)), expected);
        }
    }

    #[test]
    fn every_sample_is_within_half_a_step() {
        for sample in i16::MIN..=i16::MAX {
            let (magnitude, wanted) = (i32::from(sample).abs(), i32::from(sample));
            let ulaw = (i32::from(ulaw_decode(ulaw_encode(sample))) - wanted).abs();
            let alaw = (i32::from(alaw_decode(alaw_encode(sample))) - wanted).abs();
            if magnitude <= ULAW_CLIP {
                assert!(ulaw <= 4 + magnitude / 28, "mu {sample} off by {ulaw}");
            }
            assert!(alaw <= 8 + magnitude / 28, "A {sample} off by {alaw}");
        }
    }

    #[test]
    fn silence_is_encoded_as_silence() {
        assert_eq!((ulaw_encode(0), alaw_encode(0)), (ULAW_SILENCE, ALAW_SILENCE));
    }
}
