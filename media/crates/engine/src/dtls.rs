//! The engine's identity for DTLS-SRTP: a key and a self-signed certificate, new in every process.
//!
//! Browsers trust nothing but the certificate's hash in the signalled description (RFC 8122), so the
//! certificate says nothing and is signed by nobody else.

use std::io::{Error, Read};
use std::sync::Arc;

use dimpl::{Config, DtlsCertificate};
use p256::ecdsa::signature::Signer;
use p256::ecdsa::{DerSignature, SigningKey};
use p256::pkcs8::EncodePrivateKey;
use sha2::{Digest, Sha256};

/// Hash of a certificate.
pub type Fingerprint = [u8; 32];

#[derive(Debug)]
pub struct Identity {
    pub certificate: DtlsCertificate,
    pub fingerprint: Fingerprint,
    pub config: Arc<Config>,
}

impl Identity {
    pub fn new() -> std::io::Result<Self> {
        let key = random_key()?;
        let mut serial = [0u8; 16];
        fill(&mut serial)?;
        let certificate = self_signed(&key, &serial);
        let failed = |error: &dyn std::fmt::Display| Error::other(error.to_string());
        let private_key = key.to_pkcs8_der().map_err(|error| failed(&error))?;
        let provider = dimpl::crypto::rust_crypto::default_provider();
        let config = Config::builder()
            .with_crypto_provider(provider)
            .build()
            .map_err(|error| Error::other(format!("{error:?}")))?;
        Ok(Identity {
            fingerprint: Sha256::digest(&certificate).into(),
            certificate: DtlsCertificate {
                certificate,
                private_key: private_key.as_bytes().to_vec(),
            },
            config: Arc::new(config),
        })
    }

    /// As the attribute a=fingerprint has it (RFC 8122 section 5).
    pub fn fingerprint_text(&self) -> String {
        let hex: Vec<String> = self.fingerprint.iter().map(|byte| format!("{byte:02X}")).collect();
        format!("sha-256 {}", hex.join(":"))
    }
}

/// Reads `sha-256 AB:CD:..`; other hashes are not taken.
pub fn read_fingerprint(text: &str) -> Option<Fingerprint> {
    let (hash, hex) = text.split_once(' ')?;
    if !hash.eq_ignore_ascii_case("sha-256") {
        return None;
    }
    let bytes: Option<Vec<u8>> = hex
        .trim()
        .split(':')
        .map(|pair| (pair.len() == 2).then(|| u8::from_str_radix(pair, 16).ok()).flatten())
        .collect();
    bytes?.try_into().ok()
}

fn fill(bytes: &mut [u8]) -> std::io::Result<()> {
    std::fs::File::open("/dev/urandom")?.read_exact(bytes)
}

fn random_key() -> std::io::Result<SigningKey> {
    let mut bytes = [0u8; 32];
    loop {
        fill(&mut bytes)?;
        // All but one in 2^32 numbers are keys of the curve.
        if let Ok(key) = SigningKey::from_slice(&bytes) {
            return Ok(key);
        }
    }
}

/// DER: tag, length, contents.
fn der(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let body = parts.concat();
    let mut out = vec![tag];
    match body.len() {
        short @ 0..=127 => out.push(short as u8),
        long @ 128..=255 => out.extend([0x81, long as u8]),
        long => out.extend([0x82, (long >> 8) as u8, long as u8]),
    }
    out.extend(body);
    out
}

const SEQUENCE: u8 = 0x30;
const SET: u8 = 0x31;
const INTEGER: u8 = 0x02;
const BIT_STRING: u8 = 0x03;
const UTF8_STRING: u8 = 0x0c;
const UTC_TIME: u8 = 0x17;
/// Object identifiers, tag and length included.
const ECDSA_WITH_SHA256: &[u8] = &[6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2];
const EC_PUBLIC_KEY: &[u8] = &[6, 7, 0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1];
const PRIME256V1: &[u8] = &[6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7];
const COMMON_NAME: &[u8] = &[6, 3, 0x55, 4, 3];

/// An X.509 certificate (RFC 5280 section 4.1) with nothing in it but the key.
fn self_signed(key: &SigningKey, serial: &[u8; 16]) -> Vec<u8> {
    let algorithm = der(SEQUENCE, &[ECDSA_WITH_SHA256]);
    let version = der(0xa0, &[&der(INTEGER, &[&[2]])]);
    // The leading byte keeps the number positive.
    let serial = der(INTEGER, &[&[1], serial]);
    let attribute = der(SEQUENCE, &[COMMON_NAME, &der(UTF8_STRING, &[b"centrala"])]);
    let name = der(SEQUENCE, &[&der(SET, &[&attribute])]);
    let validity =
        der(SEQUENCE, &[&der(UTC_TIME, &[b"200101000000Z"]), &der(UTC_TIME, &[b"491231235959Z"])]);
    let point = key.verifying_key().to_encoded_point(false);
    let key_algorithm = der(SEQUENCE, &[EC_PUBLIC_KEY, PRIME256V1]);
    let public = der(SEQUENCE, &[&key_algorithm, &der(BIT_STRING, &[&[0], point.as_bytes()])]);
    let body = der(SEQUENCE, &[&version, &serial, &algorithm, &name, &validity, &name, &public]);
    let signature: DerSignature = key.sign(&body);
    der(SEQUENCE, &[&body, &algorithm, &der(BIT_STRING, &[&[0], signature.as_bytes()])])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_process_has_another_identity_and_its_text_is_read_back() {
        let (one, two) = (Identity::new().unwrap(), Identity::new().unwrap());
        assert_ne!(one.fingerprint, two.fingerprint);
        assert_eq!(read_fingerprint(&one.fingerprint_text()), Some(one.fingerprint));
    }

    #[test]
    fn fingerprints_of_other_shapes_are_refused() {
        for text in ["", "sha-256", "sha-1 AB:CD", "sha-256 AB:CD", "sha-256 zz", "sha-256 +1:02"] {
            assert_eq!(read_fingerprint(text), None, "{text}");
        }
        let long = format!("sha-256 {}", vec!["00"; 33].join(":"));
        assert_eq!(read_fingerprint(&long), None);
    }
}
