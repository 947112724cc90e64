//! WAV files: a reader that trusts nothing, and headers for files that grow.

use codec::g711;

/// Longest sound that is decoded, in seconds.
pub const MAX_SECONDS: u64 = 600;
/// Channels looked at.
const MAX_CHANNELS: u16 = 8;
const PCM: u16 = 1;
const ALAW: u16 = 6;
const ULAW: u16 = 7;
const EXTENSIBLE: u16 = 0xfffe;

/// Why a file is not a sound that we can play.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unreadable {
    NotWav,
    NoFormat,
    NoData,
    /// Only PCM 16 bit, mu-law and A-law.
    Encoding,
    Channels,
    Rate,
    TooLong,
}

impl Unreadable {
    pub fn reason(self) -> &'static str {
        match self {
            Unreadable::NotWav => "it is not a RIFF/WAVE file",
            Unreadable::NoFormat => "it has no usable fmt chunk before its data",
            Unreadable::NoData => "it has no data chunk",
            Unreadable::Encoding => "it is neither PCM 16 bit nor mu-law nor A-law",
            Unreadable::Channels => "it has no or too many channels",
            Unreadable::Rate => "its rate is not from 8,000 to 48,000 Hz",
            Unreadable::TooLong => "it is longer than ten minutes",
        }
    }
}

/// A decoded sound, mixed down to one channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sound {
    /// Samples a second.
    pub rate: u32,
    pub samples: Vec<i16>,
}

#[derive(Clone, Copy, Debug)]
struct Format {
    encoding: Encoding,
    channels: u16,
    rate: u32,
}

/// How samples stand in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    Pcm16,
    Ulaw,
    Alaw,
}

impl Encoding {
    pub fn bytes_per_sample(self) -> usize {
        match self {
            Encoding::Pcm16 => 2,
            Encoding::Ulaw | Encoding::Alaw => 1,
        }
    }

    fn tag(self) -> u16 {
        match self {
            Encoding::Pcm16 => PCM,
            Encoding::Ulaw => ULAW,
            Encoding::Alaw => ALAW,
        }
    }
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(bytes.get(at..at + 2)?.try_into().ok()?))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}

/// Decodes a whole file. A data chunk whose length lies (a file cut by a crash) is read to the end.
pub fn read(file: &[u8]) -> Result<Sound, Unreadable> {
    if file.get(..4) != Some(b"RIFF") || file.get(8..12) != Some(b"WAVE") {
        return Err(Unreadable::NotWav);
    }
    let mut at = 12usize;
    let mut format = None;
    while let (Some(name), Some(size)) = (file.get(at..at + 4), u32_at(file, at + 4)) {
        let start = at + 8;
        let end = start.saturating_add(size as usize).min(file.len());
        match name {
            b"fmt " => format = Some(read_format(&file[start..end])?),
            b"data" => return decode(format.ok_or(Unreadable::NoFormat)?, &file[start..end]),
            _ => {}
        }
        // Chunks are padded to even lengths.
        at = start.saturating_add(size as usize).saturating_add(size as usize & 1);
    }
    Err(Unreadable::NoData)
}

fn read_format(chunk: &[u8]) -> Result<Format, Unreadable> {
    let field = |at| u16_at(chunk, at).ok_or(Unreadable::NoFormat);
    let mut tag = field(0)?;
    if tag == EXTENSIBLE {
        // The first two bytes of the sub-format GUID are the old tag.
        tag = field(24)?;
    }
    let encoding = match (tag, field(14)?) {
        (PCM, 16) => Encoding::Pcm16,
        (ULAW, 8) => Encoding::Ulaw,
        (ALAW, 8) => Encoding::Alaw,
        _ => return Err(Unreadable::Encoding),
    };
    let channels = field(2)?;
    if channels == 0 || channels > MAX_CHANNELS {
        return Err(Unreadable::Channels);
    }
    let rate = u32_at(chunk, 4).ok_or(Unreadable::NoFormat)?;
    if !(8000..=48000).contains(&rate) {
        return Err(Unreadable::Rate);
    }
    Ok(Format { encoding, channels, rate })
}

fn decode(format: Format, data: &[u8]) -> Result<Sound, Unreadable> {
    let width = format.encoding.bytes_per_sample();
    let frame = width * usize::from(format.channels);
    if (data.len() / frame) as u64 > MAX_SECONDS * u64::from(format.rate) {
        return Err(Unreadable::TooLong);
    }
    let sample = |bytes: &[u8]| -> i32 {
        i32::from(match format.encoding {
            Encoding::Pcm16 => i16::from_le_bytes([bytes[0], bytes[1]]),
            Encoding::Ulaw => g711::ulaw_decode(bytes[0]),
            Encoding::Alaw => g711::alaw_decode(bytes[0]),
        })
    };
    let samples = data
        .chunks_exact(frame)
        .map(|frame| {
            let sum: i32 = frame.chunks_exact(width).map(sample).sum();
            (sum / i32::from(format.channels)) as i16
        })
        .collect();
    Ok(Sound { rate: format.rate, samples })
}

/// Length of [`header`] for an encoding.
pub fn header_len(encoding: Encoding) -> usize {
    match encoding {
        Encoding::Pcm16 => 44,
        Encoding::Ulaw | Encoding::Alaw => 58,
    }
}

/// The header of a file with `data_len` bytes of samples; sizes past 4 GiB are capped.
pub fn header(encoding: Encoding, channels: u16, rate: u32, data_len: u64) -> Vec<u8> {
    let length = header_len(encoding);
    let data_len = data_len.min(u64::from(u32::MAX) - length as u64) as u32;
    let frame = encoding.bytes_per_sample() as u16 * channels;
    let mut bytes = Vec::with_capacity(length);
    bytes.extend_from_slice(b"RIFF");
    bytes.extend_from_slice(&(data_len + length as u32 - 8).to_le_bytes());
    bytes.extend_from_slice(b"WAVEfmt ");
    let is_pcm = encoding == Encoding::Pcm16;
    bytes.extend_from_slice(&(if is_pcm { 16u32 } else { 18 }).to_le_bytes());
    bytes.extend_from_slice(&encoding.tag().to_le_bytes());
    bytes.extend_from_slice(&channels.to_le_bytes());
    bytes.extend_from_slice(&rate.to_le_bytes());
    bytes.extend_from_slice(&(rate * u32::from(frame)).to_le_bytes());
    bytes.extend_from_slice(&frame.to_le_bytes());
    bytes.extend_from_slice(&(8 * encoding.bytes_per_sample() as u16).to_le_bytes());
    if !is_pcm {
        // Compressed formats have an extension size and a fact chunk with the number of frames.
        bytes.extend_from_slice(&0u16.to_le_bytes());
        bytes.extend_from_slice(b"fact");
        bytes.extend_from_slice(&4u32.to_le_bytes());
        bytes.extend_from_slice(&(data_len / u32::from(frame)).to_le_bytes());
    }
    bytes.extend_from_slice(b"data");
    bytes.extend_from_slice(&data_len.to_le_bytes());
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(encoding: Encoding, channels: u16, rate: u32, data: &[u8]) -> Vec<u8> {
        let mut bytes = header(encoding, channels, rate, data.len() as u64);
        assert_eq!(bytes.len(), header_len(encoding));
        bytes.extend_from_slice(data);
        bytes
    }

    #[test]
    fn all_encodings_are_read_back() {
        let pcm = read(&file(Encoding::Pcm16, 1, 8000, &[1, 0, 0xff, 0xff])).unwrap();
        assert_eq!(pcm, Sound { rate: 8000, samples: vec![1, -1] });
        let ulaw = read(&file(Encoding::Ulaw, 1, 16000, &[0x80, 0xff])).unwrap();
        assert_eq!(ulaw, Sound { rate: 16000, samples: vec![32124, 0] });
        let alaw = read(&file(Encoding::Alaw, 1, 48000, &[0xd5])).unwrap();
        assert_eq!(alaw.samples, [8]);
    }

    #[test]
    fn stereo_is_mixed_down() {
        let sound = read(&file(Encoding::Pcm16, 2, 8000, &[10, 0, 20, 0, 0, 0, 100, 0])).unwrap();
        assert_eq!(sound.samples, [15, 50]);
    }

    #[test]
    fn other_chunks_are_skipped_and_a_cut_file_is_read_to_its_end() {
        let whole = file(Encoding::Pcm16, 1, 8000, &[1, 0, 2, 0, 3, 0]);
        let mut with_list = whole[..36].to_vec();
        with_list.extend_from_slice(b"LIST\x03\0\0\0abc\0");
        with_list.extend_from_slice(&whole[36..]);
        assert_eq!(read(&with_list).unwrap().samples, [1, 2, 3]);
        assert_eq!(read(&whole[..whole.len() - 3]).unwrap().samples, [1]);
        let mut endless = whole.clone();
        endless[40..44].copy_from_slice(&u32::MAX.to_le_bytes());
        assert_eq!(read(&endless).unwrap().samples, [1, 2, 3]);
    }

    #[test]
    fn what_cannot_be_played_is_refused_with_its_reason() {
        let good = file(Encoding::Pcm16, 1, 8000, &[0; 4]);
        let broken = |at: usize, value: u8| {
            let mut bytes = good.clone();
            bytes[at] = value;
            read(&bytes)
        };
        assert_eq!(broken(0, b'X'), Err(Unreadable::NotWav));
        assert_eq!(broken(12, b'X'), Err(Unreadable::NoFormat));
        assert_eq!(broken(20, 3), Err(Unreadable::Encoding));
        assert_eq!(broken(22, 0), Err(Unreadable::Channels));
        assert_eq!(broken(22, 9), Err(Unreadable::Channels));
        assert_eq!(broken(25, 0), Err(Unreadable::Rate));
        assert_eq!(broken(34, 8), Err(Unreadable::Encoding));
        assert_eq!(broken(36, b'X'), Err(Unreadable::NoData));
        let long = vec![0; 2 * 8000 * 601];
        assert_eq!(read(&file(Encoding::Pcm16, 1, 8000, &long)), Err(Unreadable::TooLong));
    }

    #[test]
    fn every_truncation_and_single_byte_change_of_the_header_is_survived() {
        let good = file(Encoding::Ulaw, 2, 8000, &[0; 16]);
        for end in 0..good.len() {
            let _ = read(&good[..end]);
        }
        for at in 0..good.len() {
            for value in 0..=255 {
                let mut bytes = good.clone();
                bytes[at] = value;
                let _ = read(&bytes);
            }
        }
    }
}
