//! Telephone events, RFC 4733.

/// Events 0 to 15 in the order of RFC 4733 table 3.
pub const DIGITS: &[u8; 16] = b"0123456789*#ABCD";
/// Bytes of the payload.
pub const EVENT_LEN: usize = 4;
/// The packet that ends an event is sent this often (RFC 4733 2.5.1.4).
pub const END_REPEATS: u32 = 3;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TelephoneEvent {
    pub event: u8,
    pub end: bool,
    /// Power below 0 dBm0, in dB: 0 to 63.
    pub volume: u8,
    /// Timestamp units since the start of the event.
    pub duration: u16,
}

impl TelephoneEvent {
    /// The first event of a payload; RFC 4733 allows several only by a negotiation we never do.
    pub fn parse(payload: &[u8]) -> Option<Self> {
        let bytes = payload.get(..EVENT_LEN)?;
        Some(TelephoneEvent {
            event: bytes[0],
            end: bytes[1] & 0x80 != 0,
            volume: bytes[1] & 0x3f,
            duration: u16::from_be_bytes([bytes[2], bytes[3]]),
        })
    }

    pub fn to_bytes(&self) -> [u8; EVENT_LEN] {
        let duration = self.duration.to_be_bytes();
        let flags = (u8::from(self.end) << 7) | (self.volume & 0x3f);
        [self.event, flags, duration[0], duration[1]]
    }
}

pub fn digit_of(event: u8) -> Option<char> {
    DIGITS.get(usize::from(event)).map(|digit| char::from(*digit))
}

pub fn event_of(digit: char) -> Option<u8> {
    let digit = digit.to_ascii_uppercase();
    DIGITS.iter().position(|d| char::from(*d) == digit).map(|at| at as u8)
}

/// A finished press.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Press {
    pub digit: char,
    /// Timestamp units.
    pub duration: u32,
}

/// Makes one press of the many packets of an event, with any of them lost.
#[derive(Clone, Debug, Default)]
pub struct EventReceiver {
    open: Option<Open>,
    last_reported: Option<u32>,
}

#[derive(Clone, Copy, Debug)]
struct Open {
    timestamp: u32,
    event: u8,
    duration: u16,
}

impl EventReceiver {
    /// Takes a packet. An event is reported at its end, or when the next one starts.
    pub fn on_packet(&mut self, timestamp: u32, event: TelephoneEvent) -> Option<Press> {
        if self.last_reported == Some(timestamp) {
            return None;
        }
        let mut press = None;
        match &mut self.open {
            Some(open) if open.timestamp == timestamp => {
                open.duration = open.duration.max(event.duration);
            }
            _ => {
                press = self.finish();
                self.open = Some(Open { timestamp, event: event.event, duration: event.duration });
            }
        }
        if event.end { press.or_else(|| self.finish()) } else { press }
    }

    /// Ends an event whose last packets were lost; to be called some 100 ms after its last one.
    pub fn finish(&mut self) -> Option<Press> {
        let open = self.open.take()?;
        self.last_reported = Some(open.timestamp);
        let digit = digit_of(open.event)?;
        Some(Press { digit, duration: u32::from(open.duration) })
    }

    pub fn is_open(&self) -> bool {
        self.open.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(digit: char, duration: u16, end: bool) -> TelephoneEvent {
        TelephoneEvent { event: event_of(digit).unwrap(), end, volume: 10, duration }
    }

    #[test]
    fn the_payload_is_that_of_rfc_4733_figure_1() {
        let bytes = [11, 0x80 | 10, 0x03, 0x20];
        let read = TelephoneEvent::parse(&bytes).unwrap();
        assert_eq!(read, event('#', 800, true));
        assert_eq!(read.to_bytes(), bytes);
        assert_eq!(TelephoneEvent::parse(&bytes[..3]), None);
    }

    #[test]
    fn a_press_is_reported_once_whatever_is_lost_or_repeated() {
        let all: Vec<_> = (1..=5)
            .map(|n| event('5', n * 160, false))
            .chain((0..3).map(|_| event('5', 960, true)))
            .collect();
        for mask in 0u32..256 {
            let mut receiver = EventReceiver::default();
            let mut presses: Vec<Press> = Vec::new();
            for (n, packet) in all.iter().enumerate() {
                if mask & (1 << n) == 0 {
                    presses.extend(receiver.on_packet(8000, *packet));
                }
            }
            presses.extend(receiver.finish());
            assert_eq!(presses.len(), usize::from(mask != 255), "mask {mask:08b}");
            assert!(presses.iter().all(|press| press.digit == '5'));
        }
    }

    #[test]
    fn the_same_digit_twice_is_two_presses_even_without_ends() {
        let mut receiver = EventReceiver::default();
        assert_eq!(receiver.on_packet(0, event('1', 400, false)), None);
        let first = receiver.on_packet(2000, event('1', 160, false));
        assert_eq!(first, Some(Press { digit: '1', duration: 400 }));
        assert_eq!(receiver.finish(), Some(Press { digit: '1', duration: 160 }));
    }

    #[test]
    fn events_that_are_no_digits_are_not_reported() {
        let mut receiver = EventReceiver::default();
        let flash = TelephoneEvent { event: 16, end: true, volume: 0, duration: 1 };
        assert_eq!(receiver.on_packet(0, flash), None);
        assert!(!receiver.is_open());
    }

    #[test]
    fn letters_may_be_small() {
        assert_eq!((event_of('a'), event_of('D'), event_of('x')), (Some(12), Some(15), None));
    }
}
