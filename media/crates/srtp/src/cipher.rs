//! The transforms: AES in counter mode with HMAC-SHA1, and AES-GCM.

use aes::cipher::generic_array::GenericArray;
use aes::cipher::{InnerIvInit, KeyInit, StreamCipher};
use aes::{Aes128, Aes256};
use aes_gcm::aead::AeadInPlace;
use aes_gcm::{AesGcm, Nonce, Tag};
use ctr::CtrCore;
use ctr::cipher::StreamCipherCoreWrapper;
use ctr::flavors::Ctr128BE;
use hmac::{Hmac, Mac};
use sha1::Sha1;

use crate::derive::derive;
use crate::{E_FLAG, RTCP_HEADER, Refused, Suite};

type Gcm<A> = AesGcm<A, aes_gcm::aead::consts::U12>;

/// Session keys for RTP or for RTCP.
pub enum Keys {
    Cm { cipher: Box<Aes128>, mac: Box<Hmac<Sha1>>, salt: [u8; 14] },
    Gcm128 { cipher: Box<Gcm<Aes128>>, salt: [u8; 12] },
    Gcm256 { cipher: Box<Gcm<Aes256>>, salt: [u8; 12] },
}

impl Keys {
    pub fn derive(suite: Suite, master: &[u8], master_salt: &[u8], first_label: u8) -> Keys {
        let mut key = [0u8; 32];
        let key = &mut key[..suite.key_len()];
        derive(master, master_salt, first_label, key);
        if suite.is_gcm() {
            let mut salt = [0u8; 12];
            derive(master, master_salt, first_label + 2, &mut salt);
            return match suite {
                Suite::AeadAes256Gcm => {
                    let cipher = Gcm::<Aes256>::new(GenericArray::from_slice(key));
                    Keys::Gcm256 { cipher: Box::new(cipher), salt }
                }
                _ => {
                    let cipher = Gcm::<Aes128>::new(GenericArray::from_slice(key));
                    Keys::Gcm128 { cipher: Box::new(cipher), salt }
                }
            };
        }
        let (mut mac_key, mut salt) = ([0u8; 20], [0u8; 14]);
        derive(master, master_salt, first_label + 1, &mut mac_key);
        derive(master, master_salt, first_label + 2, &mut salt);
        let mac = <Hmac<Sha1> as KeyInit>::new(GenericArray::from_slice(&{
            // HMAC's block is 64 bytes; a shorter key is padded with zeros (RFC 2104).
            let mut block = [0u8; 64];
            block[..20].copy_from_slice(&mac_key);
            block
        }));
        let cipher = Box::new(Aes128::new(GenericArray::from_slice(key)));
        Keys::Cm { cipher, mac: Box::new(mac), salt }
    }

    /// Encrypts `buffer[header..len]` and appends the tag.
    pub fn seal_rtp(
        &self,
        buffer: &mut [u8],
        header: usize,
        len: usize,
        ssrc: u32,
        index: u64,
        tag_len: usize,
    ) {
        let (packet, rest) = buffer.split_at_mut(len);
        match self {
            Keys::Cm { cipher, mac, salt } => {
                counter_mode(cipher, salt, ssrc, index, &mut packet[header..]);
                let tag = authenticate(mac, packet, &((index >> 16) as u32).to_be_bytes());
                rest[..tag_len].copy_from_slice(&tag[..tag_len]);
            }
            _ => {
                let (aad, text) = packet.split_at_mut(header);
                let nonce = self.nonce(ssrc, index);
                rest[..16].copy_from_slice(&self.gcm_seal(&nonce, &[aad], text));
            }
        }
    }

    /// Checks the tag after `buffer[..len]` and decrypts `buffer[header..len]`.
    pub fn open_rtp(
        &self,
        buffer: &mut [u8],
        header: usize,
        len: usize,
        ssrc: u32,
        index: u64,
    ) -> Result<(), Refused> {
        let (packet, tag) = buffer.split_at_mut(len);
        match self {
            Keys::Cm { cipher, mac, salt } => {
                let expected = authenticate(mac, packet, &((index >> 16) as u32).to_be_bytes());
                if !equal(&expected[..tag.len()], tag) {
                    return Err(Refused::Authentication);
                }
                counter_mode(cipher, salt, ssrc, index, &mut packet[header..]);
                Ok(())
            }
            _ => {
                let (aad, text) = packet.split_at_mut(header);
                self.gcm_open(&self.nonce(ssrc, index), &[aad], text, tag)
            }
        }
    }

    /// Encrypts an RTCP packet and appends index and tag (RFC 3711 3.4) or tag and index (RFC 7714 9.2).
    pub fn seal_rtcp(&self, buffer: &mut [u8], len: usize, ssrc: u32, index: u32) {
        let trailer = (index | E_FLAG).to_be_bytes();
        let (packet, rest) = buffer.split_at_mut(len);
        match self {
            Keys::Cm { cipher, mac, salt } => {
                counter_mode(cipher, salt, ssrc, u64::from(index), &mut packet[RTCP_HEADER..]);
                let tag = authenticate(mac, packet, &trailer);
                rest[..4].copy_from_slice(&trailer);
                rest[4..14].copy_from_slice(&tag[..10]);
            }
            _ => {
                let nonce = self.nonce(ssrc, u64::from(index));
                let (aad, text) = packet.split_at_mut(RTCP_HEADER);
                rest[..16].copy_from_slice(&self.gcm_seal(&nonce, &[aad, &trailer], text));
                rest[16..20].copy_from_slice(&trailer);
            }
        }
    }

    /// Checks and decrypts an SRTCP packet; `fresh` is asked before any work is done.
    pub fn open_rtcp(
        &self,
        buffer: &mut [u8],
        len: usize,
        ssrc: u32,
        fresh: impl Fn(u32) -> bool,
    ) -> Result<u32, Refused> {
        let (packet, rest) = buffer.split_at_mut(len);
        let is_gcm = !matches!(self, Keys::Cm { .. });
        let (tag, trailer) = if is_gcm {
            let (tag, trailer) = rest.split_at(16);
            (tag, trailer)
        } else {
            let (trailer, tag) = rest.split_at(4);
            (tag, trailer)
        };
        let trailer: [u8; 4] = trailer.try_into().map_err(|_| Refused::Malformed)?;
        let word = u32::from_be_bytes(trailer);
        let (encrypted, index) = (word & E_FLAG != 0, word & !E_FLAG);
        if !fresh(index) {
            return Err(Refused::Replayed);
        }
        match self {
            Keys::Cm { cipher, mac, salt } => {
                if !equal(&authenticate(mac, packet, &trailer)[..tag.len()], tag) {
                    return Err(Refused::Authentication);
                }
                if encrypted {
                    let text = &mut packet[RTCP_HEADER..];
                    counter_mode(cipher, salt, ssrc, u64::from(index), text);
                }
            }
            _ => {
                let nonce = self.nonce(ssrc, u64::from(index));
                if encrypted {
                    let (aad, text) = packet.split_at_mut(RTCP_HEADER);
                    self.gcm_open(&nonce, &[aad, &trailer], text, tag)?;
                } else {
                    self.gcm_open(&nonce, &[packet, &trailer], &mut [], tag)?;
                }
            }
        }
        Ok(index)
    }

    /// RFC 7714 8.1 and 9.1: 00 00 || SSRC || index on 48 bits, XOR salt.
    fn nonce(&self, ssrc: u32, index: u64) -> [u8; 12] {
        let (Keys::Gcm128 { salt, .. } | Keys::Gcm256 { salt, .. }) = self else {
            return [0; 12];
        };
        let mut nonce = [0u8; 12];
        nonce[2..6].copy_from_slice(&ssrc.to_be_bytes());
        nonce[6..].copy_from_slice(&index.to_be_bytes()[2..]);
        for (byte, salt) in nonce.iter_mut().zip(salt) {
            *byte ^= salt;
        }
        nonce
    }

    fn gcm_seal(&self, nonce: &[u8; 12], aad: &[&[u8]], text: &mut [u8]) -> [u8; 16] {
        with_aad(aad, |aad| {
            let nonce = Nonce::from_slice(nonce);
            let tag = match self {
                Keys::Gcm128 { cipher, .. } => cipher.encrypt_in_place_detached(nonce, aad, text),
                Keys::Gcm256 { cipher, .. } => cipher.encrypt_in_place_detached(nonce, aad, text),
                Keys::Cm { .. } => return [0; 16],
            };
            // Fails only past 64 GiB of text.
            tag.map_or([0; 16], Into::into)
        })
    }

    fn gcm_open(
        &self,
        nonce: &[u8; 12],
        aad: &[&[u8]],
        text: &mut [u8],
        tag: &[u8],
    ) -> Result<(), Refused> {
        let outcome = with_aad(aad, |aad| {
            let (nonce, tag) = (Nonce::from_slice(nonce), Tag::from_slice(tag));
            match self {
                Keys::Gcm128 { cipher, .. } => {
                    cipher.decrypt_in_place_detached(nonce, aad, text, tag)
                }
                Keys::Gcm256 { cipher, .. } => {
                    cipher.decrypt_in_place_detached(nonce, aad, text, tag)
                }
                Keys::Cm { .. } => Err(aes_gcm::aead::Error),
            }
        });
        outcome.map_err(|_| Refused::Authentication)
    }
}

/// Joins the parts of the associated data on the stack: a header, or header and index.
fn with_aad<T>(parts: &[&[u8]], work: impl FnOnce(&[u8]) -> T) -> T {
    if let [only] = parts {
        return work(only);
    }
    let mut joined = [0u8; rtp::MAX_PACKET + 4];
    let mut len = 0;
    for part in parts {
        joined[len..len + part.len()].copy_from_slice(part);
        len += part.len();
    }
    work(&joined[..len])
}

/// RFC 3711 4.1.1: IV = salt * 2^16 XOR SSRC * 2^64 XOR index * 2^16.
fn counter_mode(cipher: &Aes128, salt: &[u8; 14], ssrc: u32, index: u64, text: &mut [u8]) {
    let mut iv = [0u8; 16];
    iv[..14].copy_from_slice(salt);
    for (byte, part) in iv[4..8].iter_mut().zip(ssrc.to_be_bytes()) {
        *byte ^= part;
    }
    for (byte, part) in iv[8..14].iter_mut().zip(&index.to_be_bytes()[2..]) {
        *byte ^= part;
    }
    let core = CtrCore::<&Aes128, Ctr128BE>::inner_iv_init(cipher, &iv.into());
    StreamCipherCoreWrapper::from_core(core).apply_keystream(text);
}

fn authenticate(mac: &Hmac<Sha1>, packet: &[u8], trailer: &[u8; 4]) -> [u8; 20] {
    let mut mac = mac.clone();
    mac.update(packet);
    mac.update(trailer);
    mac.finalize().into_bytes().into()
}

/// Takes the same time wherever the first difference stands.
fn equal(a: &[u8], b: &[u8]) -> bool {
    a.len() == b.len() && a.iter().zip(b).fold(0, |acc, (x, y)| acc | (x ^ y)) == 0
}
