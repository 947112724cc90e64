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
    /// Those from before a restart, until the peer nominates with the new ones.
    previous: Option<(Credentials, Option<String>)>,
    selected: Option<SocketAddr>,
    last_check: Option<Duration>,
    pub refused: u64,
}

impl Lite {
    pub fn new(local: Credentials) -> Self {
        Lite {
            local,
            remote_ufrag: None,
            previous: None,
            selected: None,
            last_check: None,
            refused: 0,
        }
    }

    /// From the peer's description. Its password is not needed: a lite agent sends no checks.
    pub fn set_remote(&mut self, ufrag: &str) {
        self.remote_ufrag = Some(ufrag.to_owned());
    }

    /// The peer's description has another fragment than before: it has begun anew (RFC 8445 section 9, RFC 8839 5.4).
    pub fn is_restart(&self, ufrag: &str) -> bool {
        self.remote_ufrag.as_deref().is_some_and(|before| before != ufrag)
    }

    /// Begins anew with other credentials. The old path goes on, with the old ones, until a new one is selected.
    pub fn restart(&mut self, local: Credentials, ufrag: &str) {
        let before = std::mem::replace(&mut self.local, local);
        self.previous = Some((before, self.remote_ufrag.replace(ufrag.to_owned())));
    }

    /// The local fragments that checks may be addressed to.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        let previous = self.previous.iter().map(|(local, _)| local.ufrag.as_str());
        std::iter::once(self.local.ufrag.as_str()).chain(previous)
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
            .and_then(|request| self.accepts(&request).map(|is_current| (request, is_current)));
        let Some((request, is_current)) = genuine else {
            self.refused += 1;
            return Checked::Refused;
        };
        let password = match &self.previous {
            Some((local, _)) if !is_current => &local.password,
            _ => &self.local.password,
        };
        if request.controlled {
            // Two controlled sides would wait for each other for ever.
            write_error(&request.transaction, 487, password, out);
            return Checked::Answered;
        }
        write_success(&request.transaction, from, password, out);
        self.last_check = Some(now);
        let nominated = request.use_candidate && is_current;
        if nominated {
            self.previous = None;
        }
        if nominated && self.selected != Some(from) {
            self.selected = Some(from);
            return Checked::Selected(from);
        }
        Checked::Answered
    }

    /// Whether a request is genuine: `Some(true)` with the present credentials, `Some(false)` with those before.
    fn accepts(&self, request: &Request<'_>) -> Option<bool> {
        let fits = |local: &Credentials, remote: &Option<String>| {
            is_addressed(request.username, &local.ufrag, remote.as_deref())
                && request.is_genuine(&local.password)
        };
        if fits(&self.local, &self.remote_ufrag) {
            return Some(true);
        }
        let (local, remote) = self.previous.as_ref()?;
        fits(local, remote).then_some(false)
    }

    /// The peer has stopped to check a path that it had selected.
    pub fn has_lost_consent(&self, now: Duration) -> bool {
        self.selected.is_some()
            && self.last_check.is_some_and(|last| now.saturating_sub(last) > CONSENT)
    }
}

/// RFC 8445 7.2.2: the receiver's fragment, a colon, the sender's.
fn is_addressed(username: &str, local: &str, remote: Option<&str>) -> bool {
    let Some((ours, theirs)) = username.split_once(':') else { return false };
    ours == local && remote.is_none_or(|ufrag| ufrag == theirs)
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
    fn a_restart_keeps_the_old_path_until_the_new_one_is_nominated() {
        let mut lite = agent();
        let old = lite.local.password.clone();
        check(&mut lite, "ours:them", &old, true);
        assert!(!lite.is_restart("them") && lite.is_restart("anew"));
        let fresh = "freshfreshfreshfreshfresh";
        lite.restart(Credentials { ufrag: "mine".into(), password: fresh.into() }, "anew");
        assert_eq!(lite.names().collect::<Vec<_>>(), ["mine", "ours"]);
        // Consent on the old path is answered, but it nominates nothing any more.
        assert_eq!(check(&mut lite, "ours:them", &old, true), Checked::Answered);
        assert_eq!(check(&mut lite, "ours:anew", &old, true), Checked::Refused);
        assert_eq!(check(&mut lite, "mine:anew", fresh, false), Checked::Answered);
        assert_eq!(check(&mut lite, "mine:anew", fresh, true), Checked::Answered);
        assert_eq!(lite.selected(), PEER.parse().ok());
        assert_eq!(check(&mut lite, "ours:them", &old, false), Checked::Refused);
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
