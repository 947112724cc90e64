//! The far end of a browser leg: one ICE check, a DTLS handshake as the active side, SRTP from then on.

use std::io::{Error, Result};
use std::net::{SocketAddr, UdpSocket};
use std::time::{Duration, Instant};

use dimpl::{Dtls, Output, SrtpProfile};
use engine::dtls::Identity;
use serde_json::{Value, json};

use crate::control::Control;

const UFRAG: &str = "them";
const PATIENCE: Duration = Duration::from_secs(10);

/// Keys of one connection.
pub struct Secured {
    pub ours: srtp::Context,
    pub theirs: srtp::Context,
    check: Vec<u8>,
}

impl Secured {
    /// The check that shows consent again (RFC 7675: the engine waits 30 s for it).
    pub fn consent(&self, socket: &UdpSocket) {
        let _ = socket.send(&self.check);
    }
}

/// What the engine must know of us.
pub fn description(identity: &Identity) -> Value {
    json!({
        "ice_ufrag": UFRAG, "ice_pwd": "a password that is long enough",
        "fingerprint": identity.fingerprint_text(), "setup": "active",
    })
}

/// Where the engine waits for browsers.
pub fn address(local: &Value) -> Result<SocketAddr> {
    let candidate = &local["candidates"][0];
    let text = format!("{}:{}", candidate["ip"].as_str().unwrap_or(""), candidate["port"]);
    text.parse().map_err(|_| Error::other("the engine gave no candidate"))
}

/// Connects to the engine; `local` is its reply to `leg.create`, the socket is connected to its address.
pub fn connect(socket: &UdpSocket, local: &Value, identity: &Identity) -> Result<Secured> {
    socket.set_nonblocking(false)?;
    socket.set_read_timeout(Some(Duration::from_millis(100)))?;
    let text = |name: &str| local[name].as_str().unwrap_or("").to_owned();
    let user = format!("{}:{UFRAG}", text("ice_ufrag"));
    let mut check = Vec::new();
    ice::stun::write_request(&[7; 12], &user, &text("ice_pwd"), true, &mut check);
    be_answered(socket, &check)?;
    let (material, profile) = handshake(socket, identity)?;
    socket.set_nonblocking(true)?;
    let (ours, theirs) =
        contexts(&material, profile).ok_or_else(|| Error::other("no common SRTP suite"))?;
    Ok(Secured { ours, theirs, check })
}

/// Repeats the check until an answer comes: a busy machine may be late.
fn be_answered(socket: &UdpSocket, check: &[u8]) -> Result<()> {
    let begun = Instant::now();
    let mut buffer = [0u8; 2000];
    while begun.elapsed() < PATIENCE {
        socket.send(check)?;
        if socket.recv(&mut buffer).is_ok_and(|len| ice::stun::looks_like_stun(&buffer[..len])) {
            return Ok(());
        }
    }
    Err(Error::other("no answer to the check"))
}

fn handshake(socket: &UdpSocket, identity: &Identity) -> Result<(Vec<u8>, SrtpProfile)> {
    let failed = |error: dimpl::Error| Error::other(format!("{error:?}"));
    let (config, certificate) = (identity.config.clone(), identity.certificate.clone());
    let begun = Instant::now();
    let mut dtls = Dtls::new_12(config, certificate, begun);
    dtls.set_active(true);
    dtls.handle_timeout(begun).map_err(failed)?;
    let (mut out, mut datagram) = ([0u8; 2048], [0u8; 2000]);
    let mut keys = None;
    while begun.elapsed() < PATIENCE {
        loop {
            match dtls.poll_output(&mut out) {
                Output::Packet(packet) => drop(socket.send(packet)?),
                Output::KeyingMaterial(material, profile) => {
                    keys = Some((material.to_vec(), profile));
                }
                Output::Timeout(_) => break,
                _ => {}
            }
        }
        if let Some(keys) = keys {
            return Ok(keys);
        }
        match socket.recv(&mut datagram) {
            Ok(len) if (20..=63).contains(&datagram[0]) => {
                dtls.handle_timeout(Instant::now()).map_err(failed)?;
                dtls.handle_packet(&datagram[..len]).map_err(failed)?;
            }
            Ok(_) => {}
            Err(_) => dtls.handle_timeout(Instant::now()).map_err(failed)?,
        }
    }
    Err(Error::other("the DTLS handshake does not end"))
}

/// RFC 5764 4.2: client key, server key, client salt, server salt; we are the client.
fn contexts(material: &[u8], profile: SrtpProfile) -> Option<(srtp::Context, srtp::Context)> {
    let suite = match profile {
        SrtpProfile::AES128_CM_SHA1_80 => srtp::Suite::AesCm128HmacSha1_80,
        SrtpProfile::AEAD_AES_128_GCM => srtp::Suite::AeadAes128Gcm,
        SrtpProfile::AEAD_AES_256_GCM => srtp::Suite::AeadAes256Gcm,
        _ => return None,
    };
    let (key, salt) = (suite.key_len(), suite.salt_len());
    let part = |key_at: usize, salt_at: usize| {
        let key = material.get(key_at..key_at + key)?;
        let salt = material.get(salt_at..salt_at + salt)?;
        srtp::Context::new(suite, &[key, salt].concat()).ok()
    };
    Some((part(0, 2 * key)?, part(key, 2 * key + salt)?))
}

/// Waits until the engine says that DTLS is done: the control connection passes events over, so it is asked.
pub fn settle(control: &mut Control) -> Result<()> {
    std::thread::sleep(Duration::from_millis(200));
    control.ask("ping", json!({})).map(drop)
}
