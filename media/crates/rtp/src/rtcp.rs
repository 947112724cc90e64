//! RTCP of RFC 3550 section 6: sender and receiver reports, SDES with CNAME, BYE.

use crate::{MAX_PACKET, Malformed};

const SR: u8 = 200;
const RR: u8 = 201;
const SDES: u8 = 202;
const BYE: u8 = 203;
/// Longest CNAME written or read, in bytes (RFC 3550 6.5: one length byte).
const MAX_CNAME: usize = 255;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ReportBlock {
    pub ssrc: u32,
    /// In 256ths, of the last interval.
    pub fraction_lost: u8,
    /// Signed 24 bits.
    pub cumulative_lost: i32,
    pub highest_sequence: u32,
    /// Timestamp units.
    pub jitter: u32,
    /// Middle 32 bits of the NTP time of the last sender report.
    pub last_sr: u32,
    /// In 65,536ths of a second.
    pub delay_since_last_sr: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SenderInfo {
    pub ssrc: u32,
    /// NTP time, 32.32 fixed point.
    pub ntp: u64,
    pub timestamp: u32,
    pub packets: u32,
    pub bytes: u32,
}

/// A part of a compound packet that matters to us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    Sender(SenderInfo),
    Report { from: u32, block: ReportBlock },
    Bye { ssrc: u32 },
}

fn word(bytes: &[u8], at: usize) -> u32 {
    u32::from_be_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
}

/// Middle 32 bits of an NTP time, as LSR and DLSR use them.
pub fn ntp_middle(ntp: u64) -> u32 {
    (ntp >> 16) as u32
}

/// NTP time of a Unix time; the epochs are 70 years apart.
pub fn ntp_of_unix(seconds: u64, nanoseconds: u32) -> u64 {
    let fraction = (u64::from(nanoseconds) << 32) / 1_000_000_000;
    ((seconds + 2_208_988_800) << 32) | fraction
}

/// Round trip in 65,536ths of a second by RFC 3550 6.4.1; `None` when it makes no sense.
pub fn round_trip(arrival_middle: u32, block: &ReportBlock) -> Option<u32> {
    if block.last_sr == 0 {
        return None;
    }
    let trip = arrival_middle.wrapping_sub(block.delay_since_last_sr).wrapping_sub(block.last_sr);
    // Over a minute, or negative: a peer that echoes nonsense.
    (trip < 60 << 16).then_some(trip)
}

/// Reads a compound packet and hands its parts to `found`.
pub fn parse(datagram: &[u8], mut found: impl FnMut(Part)) -> Result<(), Malformed> {
    if datagram.len() > MAX_PACKET {
        return Err(Malformed::TooLong);
    }
    let mut rest = datagram;
    if rest.len() < 4 {
        return Err(Malformed::TooShort);
    }
    while !rest.is_empty() {
        if rest.len() < 4 {
            return Err(Malformed::Length);
        }
        if rest[0] >> 6 != 2 {
            return Err(Malformed::Version);
        }
        let length = 4 + 4 * usize::from(u16::from_be_bytes([rest[2], rest[3]]));
        let packet = rest.get(..length).ok_or(Malformed::Length)?;
        rest = &rest[length..];
        parse_one(packet, &mut found)?;
    }
    Ok(())
}

fn parse_one(packet: &[u8], found: &mut impl FnMut(Part)) -> Result<(), Malformed> {
    let count = usize::from(packet[0] & 0x1f);
    let blocks_at = match packet[1] {
        SR => 28,
        RR => 8,
        BYE => {
            for n in 0..count {
                if packet.len() < 8 + 4 * n {
                    return Err(Malformed::Length);
                }
                found(Part::Bye { ssrc: word(packet, 4 + 4 * n) });
            }
            return Ok(());
        }
        _ => return Ok(()),
    };
    if packet.len() < blocks_at + 24 * count {
        return Err(Malformed::Length);
    }
    let from = word(packet, 4);
    if packet[1] == SR {
        found(Part::Sender(SenderInfo {
            ssrc: from,
            ntp: (u64::from(word(packet, 8)) << 32) | u64::from(word(packet, 12)),
            timestamp: word(packet, 16),
            packets: word(packet, 20),
            bytes: word(packet, 24),
        }));
    }
    for n in 0..count {
        let block = parse_block(&packet[blocks_at + 24 * n..]);
        found(Part::Report { from, block });
    }
    Ok(())
}

fn parse_block(bytes: &[u8]) -> ReportBlock {
    let lost = word(bytes, 4);
    ReportBlock {
        ssrc: word(bytes, 0),
        fraction_lost: bytes[4],
        // Sign-extends the lower 24 bits.
        cumulative_lost: ((lost << 8) as i32) >> 8,
        highest_sequence: word(bytes, 8),
        jitter: word(bytes, 12),
        last_sr: word(bytes, 16),
        delay_since_last_sr: word(bytes, 20),
    }
}

/// Writes SR (with `info`) or RR, then SDES; `out` is cleared first.
pub fn write_report(
    out: &mut Vec<u8>,
    own_ssrc: u32,
    info: Option<&SenderInfo>,
    block: Option<&ReportBlock>,
    cname: &str,
) {
    out.clear();
    let count = u8::from(block.is_some());
    let words = 1 + if info.is_some() { 5 } else { 0 } + 6 * u16::from(count);
    out.extend_from_slice(&[0x80 | count, if info.is_some() { SR } else { RR }]);
    out.extend_from_slice(&words.to_be_bytes());
    out.extend_from_slice(&own_ssrc.to_be_bytes());
    if let Some(info) = info {
        out.extend_from_slice(&info.ntp.to_be_bytes());
        out.extend_from_slice(&info.timestamp.to_be_bytes());
        out.extend_from_slice(&info.packets.to_be_bytes());
        out.extend_from_slice(&info.bytes.to_be_bytes());
    }
    if let Some(block) = block {
        write_block(out, block);
    }
    write_sdes(out, own_ssrc, cname);
}

fn write_block(out: &mut Vec<u8>, block: &ReportBlock) {
    out.extend_from_slice(&block.ssrc.to_be_bytes());
    let lost = block.cumulative_lost.clamp(-0x80_0000, 0x7f_ffff) as u32 & 0xff_ffff;
    out.extend_from_slice(&((u32::from(block.fraction_lost) << 24) | lost).to_be_bytes());
    out.extend_from_slice(&block.highest_sequence.to_be_bytes());
    out.extend_from_slice(&block.jitter.to_be_bytes());
    out.extend_from_slice(&block.last_sr.to_be_bytes());
    out.extend_from_slice(&block.delay_since_last_sr.to_be_bytes());
}

fn write_sdes(out: &mut Vec<u8>, ssrc: u32, cname: &str) {
    let name = &cname.as_bytes()[..cname.len().min(MAX_CNAME)];
    // The item list ends with at least one zero and is padded to a word (RFC 3550 6.5).
    let chunk = (4 + 2 + name.len() + 1).next_multiple_of(4);
    out.extend_from_slice(&[0x81, SDES]);
    out.extend_from_slice(&((chunk / 4) as u16).to_be_bytes());
    let start = out.len();
    out.extend_from_slice(&ssrc.to_be_bytes());
    out.extend_from_slice(&[1, name.len() as u8]);
    out.extend_from_slice(name);
    out.resize(start + chunk, 0);
}

/// Appends a BYE to a report (RFC 3550 6.6).
pub fn write_bye(out: &mut Vec<u8>, ssrc: u32) {
    out.extend_from_slice(&[0x81, BYE, 0, 1]);
    out.extend_from_slice(&ssrc.to_be_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    const INFO: SenderInfo =
        SenderInfo { ssrc: 1, ntp: 0x0102_0304_0506_0708, timestamp: 9, packets: 10, bytes: 11 };
    const BLOCK: ReportBlock = ReportBlock {
        ssrc: 2,
        fraction_lost: 64,
        cumulative_lost: -5,
        highest_sequence: 70_000,
        jitter: 33,
        last_sr: 0x0304_0506,
        delay_since_last_sr: 65_536,
    };

    fn parts(bytes: &[u8]) -> Result<Vec<Part>, Malformed> {
        let mut parts = Vec::new();
        parse(bytes, |part| parts.push(part))?;
        Ok(parts)
    }

    #[test]
    fn a_compound_packet_is_read_as_it_was_written() {
        let mut bytes = Vec::new();
        for cname in ["", "a", "ab", "abc", "abcd", &"x".repeat(300)] {
            write_report(&mut bytes, 1, Some(&INFO), Some(&BLOCK), cname);
            write_bye(&mut bytes, 1);
            assert_eq!(bytes.len() % 4, 0);
            let expected =
                [Part::Sender(INFO), Part::Report { from: 1, block: BLOCK }, Part::Bye { ssrc: 1 }];
            assert_eq!(parts(&bytes).unwrap(), expected, "{cname}");
        }
    }

    #[test]
    fn a_receiver_report_may_be_empty() {
        let mut bytes = Vec::new();
        write_report(&mut bytes, 1, None, None, "c");
        assert_eq!(&bytes[..8], &[0x80, 201, 0, 1, 0, 0, 0, 1]);
        assert_eq!(parts(&bytes).unwrap(), []);
    }

    #[test]
    fn counts_beyond_the_packet_are_refused() {
        assert_eq!(parts(&[0x9f, 200, 0, 6].repeat(7)), Err(Malformed::Length));
        assert_eq!(parts(&[0x81, 203, 0, 0]), Err(Malformed::Length));
        assert_eq!(parts(&[0x80, 201, 0, 9, 1, 2, 3, 4]), Err(Malformed::Length));
        assert_eq!(parts(&[0x80, 201, 0]), Err(Malformed::TooShort));
        assert_eq!(parts(&[0x00, 201, 0, 0]), Err(Malformed::Version));
    }

    #[test]
    fn every_truncation_and_single_byte_change_is_survived() {
        let mut bytes = Vec::new();
        write_report(&mut bytes, 1, Some(&INFO), Some(&BLOCK), "name");
        for end in 0..bytes.len() {
            let _ = parts(&bytes[..end]);
        }
        for at in 0..bytes.len() {
            for value in 0..=255 {
                let mut changed = bytes.clone();
                changed[at] = value;
                let _ = parts(&changed);
            }
        }
    }

    #[test]
    fn round_trip_is_that_of_the_example_in_rfc_3550_figure_2() {
        let block = ReportBlock { last_sr: 0xb705_2000, delay_since_last_sr: 0x0005_4000, ..BLOCK };
        // 0xb710:8000 - 0x0005:4000 - 0xb705:2000 = 6.125 s.
        assert_eq!(round_trip(0xb710_8000, &block), Some(0x0006_2000));
        assert_eq!(round_trip(0xb705_0000, &block), None);
        assert_eq!(round_trip(5, &ReportBlock { last_sr: 0, ..block }), None);
    }

    #[test]
    fn ntp_time_starts_seventy_years_before_unix_time() {
        assert_eq!(ntp_of_unix(0, 500_000_000), (2_208_988_800 << 32) | (1 << 31));
        assert_eq!(ntp_middle(0x0102_0304_0506_0708), 0x0304_0506);
    }
}
