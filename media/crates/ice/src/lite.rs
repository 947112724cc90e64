//! The state of one lite agent: credentials, the selected address, consent.

use std::net::SocketAddr;
use std::time::Duration;

use crate::stun::{Request, write_error, write_success};

/// Without a check for this long the peer no longer consents (RFC 7675 section 5.1).
pub const CONSENT: Duration = Duration::from_secs(30);

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credentials {
    pub ufrag: String,
    pub password: String,
}

/// What a check changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Checked {
    /// Wrong name, wrong password, or no check at all: no answer.
    Refused,
    /// Answered; the selected address is as it was.
    Answered,
    /// Answered; this is the address to use from now on.
    Selected(SocketAddr),
}

#[derive(Debug)]
pub struct Lite {
    pub local: Credentials,
    remote_ufrag: Option<String>,
    selected: Option<SocketAddr>,
    last_check: Option<Duration>,
    pub refused: u64,
}

impl Lite {
    pub fn new(local: Credentials) -> Self {
        Lite { local, remote_ufrag: None, selected: None, last_check: None, refused: 0 }
    }

    /// From the peer's description. Its password is not needed: a lite agent sends no checks.
    pub fn set_remote(&mut self, ufrag: &str) {
        self.remote_ufrag = Some(ufrag.to_owned());
    }

    pub fn selected(&self) -> Option<SocketAddr> {
        self.selected
    }

    /// Takes a STUN datagram; the answer is in `out` unless it was refused.
    pub fn check(
        &mut self,
        datagram: &[u8],
        from: SocketAddr,
        now: Duration,
        out: &mut Vec<u8>,
    ) -> Checked {
        out.clear();
        let genuine = Request::parse(datagram)
            .filter(|request| self.is_ours(request.username))
            .filter(|request| request.is_genuine(&self.local.password));
        let Some(request) = genuine else {
            self.refused += 1;
            return Checked::Refused;
        };
        if request.controlled {
            // Two controlled sides would wait for each other for ever.
            write_error(&request.transaction, 487, &self.local.password, out);
            return Checked::Answered;
        }
        write_success(&request.transaction, from, &self.local.password, out);
        self.last_check = Some(now);
        if request.use_candidate && self.selected != Some(from) {
            self.selected = Some(from);
            return Checked::Selected(from);
        }
        Checked::Answered
    }

    /// RFC 8445 7.2.2: the receiver's fragment, a colon, the sender's.
    fn is_ours(&self, username: &str) -> bool {
        let Some((ours, theirs)) = username.split_once(':') else { return false };
        ours == self.local.ufrag && self.remote_ufrag.as_deref().is_none_or(|ufrag| ufrag == theirs)
    }

    /// The peer has stopped to check a path that it had selected.
    pub fn has_lost_consent(&self, now: Duration) -> bool {
        self.selected.is_some()
            && self.last_check.is_some_and(|last| now.saturating_sub(last) > CONSENT)
    }
}

/// The local fragment that a check is addressed to, to find its agent on a shared socket.
pub fn addressee(datagram: &[u8]) -> Option<&str> {
    Request::parse(datagram)?.username.split_once(':').map(|(ours, _)| ours)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stun::write_request;

    const PEER: &str = "192.0.2.7:5000";

    fn agent() -> Lite {
        let local =
            Credentials { ufrag: "ours".into(), password: "secretsecretsecretsecret".into() };
        let mut lite = Lite::new(local);
        lite.set_remote("them");
        lite
    }

    fn check(lite: &mut Lite, username: &str, password: &str, use_candidate: bool) -> Checked {
        let (mut request, mut out) = (Vec::new(), Vec::new());
        write_request(&[1; 12], username, password, use_candidate, &mut request);
        let checked = lite.check(&request, PEER.parse().unwrap(), Duration::from_secs(5), &mut out);
        assert_eq!(out.is_empty(), checked == Checked::Refused);
        checked
    }

    #[test]
    fn the_address_with_use_candidate_is_selected_once() {
        let mut lite = agent();
        let password = lite.local.password.clone();
        assert_eq!(check(&mut lite, "ours:them", &password, false), Checked::Answered);
        assert_eq!(lite.selected(), None);
        let peer = PEER.parse().unwrap();
        assert_eq!(check(&mut lite, "ours:them", &password, true), Checked::Selected(peer));
        assert_eq!(check(&mut lite, "ours:them", &password, true), Checked::Answered);
    }

    #[test]
    fn strangers_get_no_answer() {
        let mut lite = agent();
        let password = lite.local.password.clone();
        for (name, password) in [
            ("ours:them", "wrong"),
            ("ours:other", &password),
            ("else:them", &password),
            ("ours", &password),
        ] {
            assert_eq!(check(&mut lite, name, password, true), Checked::Refused);
        }
        assert_eq!((lite.refused, lite.selected()), (4, None));
    }

    #[test]
    fn consent_ends_thirty_seconds_after_the_last_check() {
        let mut lite = agent();
        let password = lite.local.password.clone();
        assert!(!lite.has_lost_consent(Duration::from_secs(1000)));
        check(&mut lite, "ours:them", &password, true);
        assert!(!lite.has_lost_consent(Duration::from_secs(35)));
        assert!(lite.has_lost_consent(Duration::from_secs(36)));
    }

    #[test]
    fn the_addressee_is_the_first_half_of_the_name() {
        let mut request = Vec::new();
        write_request(&[1; 12], "ours:them", "x", false, &mut request);
        assert_eq!(addressee(&request), Some("ours"));
        assert_eq!(addressee(b"garbage"), None);
    }
}
