//! Key derivation, RFC 3711 section 4.3, with the AES-CM pseudo-random function.

use aes::cipher::{KeyIvInit, StreamCipher};

/// First label of each set: encryption, authentication, salt follow each other.
pub const RTP: u8 = 0;
pub const RTCP: u8 = 3;

/// Fills `out` with the key of `label`; a key derivation rate of 0 is the only one in use.
pub fn derive(master: &[u8], salt: &[u8], label: u8, out: &mut [u8]) {
    // x = (label || r) XOR master_salt, the label standing above the 48-bit r; IV = x * 2^16.
    // RFC 7714 section 11: a 96-bit salt is padded on the right to 112 bits.
    let mut iv = [0u8; 16];
    iv[..salt.len()].copy_from_slice(salt);
    iv[7] ^= label;
    out.fill(0);
    match master.len() {
        32 => {
            ctr::Ctr128BE::<aes::Aes256>::new(master.into(), &iv.into()).apply_keystream(out);
        }
        _ => {
            ctr::Ctr128BE::<aes::Aes128>::new(master.into(), &iv.into()).apply_keystream(out);
        }
    }
}
