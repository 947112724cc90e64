//! The frames of section 9 of the protocol: kind, channel, length (16 bits, big-endian), payload.

pub const HEADER: usize = 4;
/// Longest payload, bytes: what the length field holds.
const MAX_PAYLOAD: usize = u16::MAX as usize;

pub const AUDIO: u8 = 1;
pub const MISSED: u8 = 2;
pub const END: u8 = 3;

/// What a client may send.
#[derive(Debug, PartialEq, Eq)]
pub enum Read {
    /// Samples were handed out.
    Audio,
    End,
    /// The rest is the beginning of a frame.
    Incomplete,
}

#[derive(Debug, PartialEq, Eq)]
pub struct Malformed(pub &'static str);

fn header(out: &mut Vec<u8>, kind: u8, channel: u8, length: usize) {
    out.extend([kind, channel]);
    out.extend((length.min(MAX_PAYLOAD) as u16).to_be_bytes());
}

pub fn write_audio(out: &mut Vec<u8>, channel: u8, samples: &[i16]) {
    header(out, AUDIO, channel, 2 * samples.len());
    out.extend(samples.iter().flat_map(|sample| sample.to_le_bytes()));
}

pub fn write_missed(out: &mut Vec<u8>, ms: u32) {
    header(out, MISSED, 0, 4);
    out.extend(ms.to_be_bytes());
}

pub fn write_end(out: &mut Vec<u8>) {
    header(out, END, 0, 0);
}

/// Takes the first frame off `bytes`; the number of bytes used.
pub fn read(bytes: &[u8], mut sample: impl FnMut(i16)) -> Result<(Read, usize), Malformed> {
    let Some((head, rest)) = bytes.split_first_chunk::<HEADER>() else {
        return Ok((Read::Incomplete, 0));
    };
    let length = usize::from(u16::from_be_bytes([head[2], head[3]]));
    match head[0] {
        AUDIO if head[1] != 0 => Err(Malformed("a pushed stream has the channel 0 only")),
        AUDIO if !length.is_multiple_of(2) => Err(Malformed("half a sample")),
        AUDIO if rest.len() < length => Ok((Read::Incomplete, 0)),
        AUDIO => {
            for pair in rest[..length].chunks_exact(2) {
                sample(i16::from_le_bytes([pair[0], pair[1]]));
            }
            Ok((Read::Audio, HEADER + length))
        }
        END if length == 0 => Ok((Read::End, HEADER)),
        _ => Err(Malformed("a client sends audio and the end")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn audio_written_is_read_back_and_cut_frames_wait() {
        let mut bytes = Vec::new();
        write_audio(&mut bytes, 0, &[1, -2, 300]);
        write_end(&mut bytes);
        let mut samples = Vec::new();
        for cut in 0..HEADER + 6 {
            assert_eq!(read(&bytes[..cut], |_| panic!()), Ok((Read::Incomplete, 0)));
        }
        assert_eq!(read(&bytes, |sample| samples.push(sample)), Ok((Read::Audio, 10)));
        assert_eq!(samples, [1, -2, 300]);
        assert_eq!(read(&bytes[10..], |_| panic!()), Ok((Read::End, 4)));
    }

    #[test]
    fn what_a_client_may_not_send_is_malformed() {
        for bytes in [[1, 1, 0, 2], [1, 0, 0, 3], [2, 0, 0, 4], [3, 0, 0, 1], [9, 0, 0, 0]] {
            assert!(read(&bytes, |_| panic!()).is_err(), "{bytes:?}");
        }
    }
}
