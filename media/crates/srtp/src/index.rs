//! Packet indices: the roll-over counter and the replay window (RFC 3711 3.3.1, 3.3.2).

/// The newest index and which of the 127 before it have come.
#[derive(Clone, Debug, Default)]
pub struct ReplayWindow {
    newest: Option<u64>,
    seen: u128,
}

impl ReplayWindow {
    pub fn is_fresh(&self, index: u64) -> bool {
        let Some(newest) = self.newest else { return true };
        if index > newest {
            return true;
        }
        let behind = newest - index;
        behind < 128 && self.seen & (1 << behind) == 0
    }

    pub fn accept(&mut self, index: u64) {
        match self.newest {
            Some(newest) if index <= newest => {
                let behind = newest - index;
                if behind < 128 {
                    self.seen |= 1 << behind;
                }
            }
            Some(newest) => {
                let ahead = index - newest;
                self.seen = if ahead < 128 { (self.seen << ahead) | 1 } else { 1 };
                self.newest = Some(index);
            }
            None => {
                self.seen = 1;
                self.newest = Some(index);
            }
        }
    }
}

#[derive(Clone, Debug, Default)]
pub struct RtpIndex {
    window: ReplayWindow,
}

impl RtpIndex {
    /// The index of a sequence number: the one nearest to the newest (RFC 3711 appendix A).
    pub fn estimate(&self, sequence: u16) -> u64 {
        let Some(newest) = self.window.newest else { return u64::from(sequence) };
        let (counter, last) = (newest >> 16, newest as u16);
        let counter = if last < 0x8000 {
            if sequence.wrapping_sub(last) > 0x8000 && sequence > last {
                counter.wrapping_sub(1)
            } else {
                counter
            }
        } else if last - 0x8000 > sequence {
            counter + 1
        } else {
            counter
        };
        // Before the first roll-over nothing can be from the counter before.
        if counter == u64::MAX {
            u64::from(sequence)
        } else {
            (counter << 16) | u64::from(sequence)
        }
    }

    pub fn is_fresh(&self, index: u64) -> bool {
        self.window.is_fresh(index)
    }

    pub fn accept(&mut self, index: u64) {
        self.window.accept(index);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_counter_follows_the_sequence_over_its_end_and_back() {
        let mut index = RtpIndex::default();
        for (sequence, expected) in [
            (0xfff0u16, 0xfff0u64),
            (2, 0x1_0002),
            (0xffff, 0xffff),
            (3, 0x1_0003),
            (0x8000, 0x1_8000),
            (0xffff, 0x1_ffff),
            (0x7000, 0x2_7000),
        ] {
            let estimate = index.estimate(sequence);
            assert_eq!(estimate, expected, "{sequence:x}");
            index.accept(estimate);
        }
    }

    #[test]
    fn replays_and_packets_older_than_the_window_are_not_fresh() {
        let mut window = ReplayWindow::default();
        for index in [1000, 1002, 1001, 1100] {
            assert!(window.is_fresh(index));
            window.accept(index);
        }
        for index in [1000, 1001, 1002, 1100, 972] {
            assert!(!window.is_fresh(index), "{index}");
        }
        assert!(window.is_fresh(1003) && window.is_fresh(973));
    }
}
