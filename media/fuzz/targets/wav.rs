//! WAV files: no more samples than bytes, a rate that the resampler takes.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(sound) = wav::read(bytes) else { return };
    assert!(sound.samples.len() <= bytes.len());
    assert!((8000..=48000).contains(&sound.rate));
    if sound.samples.len() < 4096 {
        let _ = codec::resample::convert(&sound.samples, sound.rate, 8000);
        let _ = codec::resample::convert(&sound.samples, sound.rate, 16000);
    }
});
