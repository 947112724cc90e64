//! SRTP and SRTCP: RFC 3711 (AES-CM with HMAC-SHA1) and RFC 7714 (AES-GCM), keyed by SDES (RFC 4568).
//!
//! Theory of operation. A [`Context`] holds the session keys of one direction. It protects and
//! unprotects packets in place, without allocation: the tag is appended to, or cut from, the caller's
//! buffer. The 48-bit packet index is the roll-over counter and the sequence number; a receiver
//! guesses the counter from the newest index it has seen, and a 128-packet window refuses replays.

mod cipher;
mod derive;
mod index;

use rtp::packet;

use cipher::Keys;
use index::{ReplayWindow, RtpIndex};

/// Bytes that protection adds at most: a GCM tag and the SRTCP index.
pub const MAX_OVERHEAD: usize = 16 + 4;
/// Streams (SSRCs) that one context follows; a peer may change its SSRC a few times in a call.
const MAX_STREAMS: usize = 8;
const RTCP_HEADER: usize = 8;
const RTCP_LENGTHS: std::ops::RangeInclusive<usize> = RTCP_HEADER..=rtp::MAX_PACKET;
/// The encryption flag of SRTCP's index word.
const E_FLAG: u32 = 0x8000_0000;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Suite {
    AesCm128HmacSha1_80,
    AesCm128HmacSha1_32,
    AeadAes128Gcm,
    AeadAes256Gcm,
}

impl Suite {
    pub fn from_name(name: &str) -> Option<Suite> {
        Some(match name {
            "AES_CM_128_HMAC_SHA1_80" => Suite::AesCm128HmacSha1_80,
            "AES_CM_128_HMAC_SHA1_32" => Suite::AesCm128HmacSha1_32,
            "AEAD_AES_128_GCM" => Suite::AeadAes128Gcm,
            "AEAD_AES_256_GCM" => Suite::AeadAes256Gcm,
            _ => return None,
        })
    }

    pub fn key_len(self) -> usize {
        if self == Suite::AeadAes256Gcm { 32 } else { 16 }
    }

    pub fn salt_len(self) -> usize {
        if self.is_gcm() { 12 } else { 14 }
    }

    pub fn is_gcm(self) -> bool {
        matches!(self, Suite::AeadAes128Gcm | Suite::AeadAes256Gcm)
    }

    fn rtp_tag_len(self) -> usize {
        match self {
            Suite::AesCm128HmacSha1_80 => 10,
            Suite::AesCm128HmacSha1_32 => 4,
            _ => 16,
        }
    }

    /// RFC 4568 6.2.2: the short tag is for RTP only.
    fn rtcp_tag_len(self) -> usize {
        if self.is_gcm() { 16 } else { 10 }
    }
}

/// Why a packet was not let through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    Malformed,
    Authentication,
    Replayed,
    TooManyStreams,
    /// The caller's buffer has no room for the tag.
    NoRoom,
}

/// A key that does not fit its suite.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WrongKey;

#[derive(Clone, Debug)]
struct Stream {
    ssrc: u32,
    rtp: RtpIndex,
    rtcp: ReplayWindow,
    next_rtcp: u32,
}

/// One direction of a session.
pub struct Context {
    suite: Suite,
    rtp: Keys,
    rtcp: Keys,
    streams: Vec<Stream>,
}

impl std::fmt::Debug for Context {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Context").field("suite", &self.suite).finish_non_exhaustive()
    }
}

impl Context {
    /// From the concatenated master key and salt.
    pub fn new(suite: Suite, key_and_salt: &[u8]) -> Result<Self, WrongKey> {
        if key_and_salt.len() != suite.key_len() + suite.salt_len() {
            return Err(WrongKey);
        }
        let (key, salt) = key_and_salt.split_at(suite.key_len());
        Ok(Context {
            suite,
            rtp: Keys::derive(suite, key, salt, derive::RTP),
            rtcp: Keys::derive(suite, key, salt, derive::RTCP),
            streams: Vec::with_capacity(MAX_STREAMS),
        })
    }

    /// From the base64 text of an `inline:` key parameter, without lifetime and MKI.
    pub fn from_base64(suite: Suite, text: &str) -> Result<Self, WrongKey> {
        use base64ct::{Base64, Encoding};
        // Some senders leave the padding away.
        let padded = format!("{text}{}", "=".repeat((4 - text.len() % 4) % 4));
        let bytes = Base64::decode_vec(&padded).map_err(|_| WrongKey)?;
        Context::new(suite, &bytes)
    }

    fn stream(&mut self, ssrc: u32) -> Result<usize, Refused> {
        if let Some(at) = self.streams.iter().position(|stream| stream.ssrc == ssrc) {
            return Ok(at);
        }
        if self.streams.len() == MAX_STREAMS {
            return Err(Refused::TooManyStreams);
        }
        let rtp = RtpIndex::default();
        self.streams.push(Stream { ssrc, rtp, rtcp: ReplayWindow::default(), next_rtcp: 1 });
        Ok(self.streams.len() - 1)
    }

    /// Protects the RTP packet in `buffer[..len]`; returns its new length.
    pub fn protect_rtp(&mut self, buffer: &mut [u8], len: usize) -> Result<usize, Refused> {
        let tag_len = self.suite.rtp_tag_len();
        if buffer.len() < len + tag_len {
            return Err(Refused::NoRoom);
        }
        let header_len = packet::header_len(&buffer[..len]).map_err(|_| Refused::Malformed)?;
        let (sequence, ssrc) = rtp_ids(buffer);
        let at = self.stream(ssrc)?;
        let index = self.streams[at].rtp.estimate(sequence);
        self.streams[at].rtp.accept(index);
        self.rtp.seal_rtp(buffer, header_len, len, ssrc, index, tag_len);
        Ok(len + tag_len)
    }

    /// Checks and decrypts the SRTP packet in `buffer`; returns the length of the RTP packet.
    pub fn unprotect_rtp(&mut self, buffer: &mut [u8]) -> Result<usize, Refused> {
        let tag_len = self.suite.rtp_tag_len();
        let header_len = packet::header_len(buffer).map_err(|_| Refused::Malformed)?;
        let len = buffer.len().checked_sub(tag_len).ok_or(Refused::Malformed)?;
        if len < header_len {
            return Err(Refused::Malformed);
        }
        let (sequence, ssrc) = rtp_ids(buffer);
        // A stream is remembered only when its first packet was genuine.
        let known = self.streams.iter().position(|stream| stream.ssrc == ssrc);
        let index = match known {
            Some(at) => {
                let index = self.streams[at].rtp.estimate(sequence);
                if !self.streams[at].rtp.is_fresh(index) {
                    return Err(Refused::Replayed);
                }
                index
            }
            None => u64::from(sequence),
        };
        self.rtp.open_rtp(buffer, header_len, len, ssrc, index)?;
        let at = self.stream(ssrc)?;
        self.streams[at].rtp.accept(index);
        Ok(len)
    }

    /// Protects the compound RTCP packet in `buffer[..len]`; returns its new length.
    pub fn protect_rtcp(&mut self, buffer: &mut [u8], len: usize) -> Result<usize, Refused> {
        let added = self.suite.rtcp_tag_len() + 4;
        if !RTCP_LENGTHS.contains(&len) {
            return Err(Refused::Malformed);
        }
        if buffer.len() < len + added {
            return Err(Refused::NoRoom);
        }
        let ssrc = u32::from_be_bytes([buffer[4], buffer[5], buffer[6], buffer[7]]);
        let at = self.stream(ssrc)?;
        let index = self.streams[at].next_rtcp & !E_FLAG;
        self.streams[at].next_rtcp = index + 1;
        self.rtcp.seal_rtcp(buffer, len, ssrc, index);
        Ok(len + added)
    }

    /// Checks and decrypts the SRTCP packet in `buffer`; returns the length of the RTCP packet.
    pub fn unprotect_rtcp(&mut self, buffer: &mut [u8]) -> Result<usize, Refused> {
        let added = self.suite.rtcp_tag_len() + 4;
        let len = buffer.len().checked_sub(added).ok_or(Refused::Malformed)?;
        if !RTCP_LENGTHS.contains(&len) || buffer[0] >> 6 != 2 {
            return Err(Refused::Malformed);
        }
        let ssrc = u32::from_be_bytes([buffer[4], buffer[5], buffer[6], buffer[7]]);
        let index = self.rtcp.open_rtcp(buffer, len, ssrc, |index| {
            self.streams
                .iter()
                .find(|stream| stream.ssrc == ssrc)
                .is_none_or(|stream| stream.rtcp.is_fresh(u64::from(index)))
        })?;
        let at = self.stream(ssrc)?;
        self.streams[at].rtcp.accept(u64::from(index));
        Ok(len)
    }
}

fn rtp_ids(packet: &[u8]) -> (u16, u32) {
    let sequence = u16::from_be_bytes([packet[2], packet[3]]);
    (sequence, u32::from_be_bytes([packet[8], packet[9], packet[10], packet[11]]))
}

#[cfg(test)]
mod tests;
