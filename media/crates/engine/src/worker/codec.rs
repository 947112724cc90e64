//! One leg's decoder and encoder, whatever the codec.

use codec::{g711, g722};

use crate::api::Codec;

/// 20 ms of 16 kHz audio: the longest frame.
pub const FRAME_16K: usize = 320;
pub const FRAME_8K: usize = 160;

#[derive(Clone, Debug, Default)]
pub struct Decoder {
    g722: g722::Decoder,
}

impl Decoder {
    /// Decodes a payload; returns the number of samples at the codec's rate.
    pub fn decode(&mut self, codec: Codec, payload: &[u8], out: &mut [i16]) -> usize {
        let per_byte = if codec == Codec::G722 { 2 } else { 1 };
        let count = (payload.len() * per_byte).min(out.len());
        match codec {
            Codec::Pcmu => g711::decode_ulaw(payload, out),
            Codec::Pcma => g711::decode_alaw(payload, out),
            Codec::G722 => self.g722.decode(payload, out),
        }
        count
    }
}

#[derive(Clone, Debug, Default)]
pub struct Encoder {
    g722: g722::Encoder,
}

impl Encoder {
    /// Encodes samples at the codec's rate; returns the number of bytes.
    pub fn encode(&mut self, codec: Codec, samples: &[i16], out: &mut [u8]) -> usize {
        let bytes = if codec == Codec::G722 { samples.len() / 2 } else { samples.len() };
        match codec {
            Codec::Pcmu => g711::encode_ulaw(samples, out),
            Codec::Pcma => g711::encode_alaw(samples, out),
            Codec::G722 => self.g722.encode(samples, out),
        }
        bytes.min(out.len())
    }
}
