//! The commands of docs/media-protocol.md as types. Unknown fields are refused.

use std::collections::BTreeMap;
use std::net::IpAddr;

use serde::Deserialize;
use serde::de::{Deserializer, Error};

/// A name chosen by the client.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Id(Box<str>);

const MAX_ID: usize = 64;

impl Id {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for Id {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Id {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let fits = |c: char| c.is_ascii_alphanumeric() || "._:-".contains(c);
        if text.is_empty() || text.len() > MAX_ID || !text.chars().all(fits) {
            return Err(D::Error::custom("an id has 1 to 64 characters of A-Z a-z 0-9 . _ : -"));
        }
        Ok(Id(text.into()))
    }
}

/// A gain in dB, from -60 to +20.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Decibel(pub f32);

impl<'de> Deserialize<'de> for Decibel {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let db = f32::deserialize(deserializer)?;
        if (-60.0..=20.0).contains(&db) {
            Ok(Decibel(db))
        } else {
            Err(D::Error::custom("a gain is from -60 to 20 dB"))
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RoomCreate {
    pub room: Id,
    pub near: Option<Id>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RoomOnly {
    pub room: Id,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub enum Mouth {
    Plain(Id),
    WithGain(MouthWithGain),
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MouthWithGain {
    pub mouth: Id,
    #[serde(default)]
    pub gain_db: Decibel,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pair {
    pub ear: Id,
    pub mouth: Id,
    pub hears: bool,
    #[serde(default)]
    pub gain_db: Decibel,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RoomHear {
    pub room: Id,
    pub matrix: Option<BTreeMap<Id, Vec<Mouth>>>,
    pub pairs: Option<Vec<Pair>>,
}

#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum LegKind {
    Rtp,
    Webrtc,
}

#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Hash)]
#[serde(rename_all = "UPPERCASE")]
pub enum Codec {
    Pcmu,
    Pcma,
    G722,
}

impl Codec {
    /// Samples a second.
    pub fn rate(self) -> u32 {
        if self == Codec::G722 { 16000 } else { 8000 }
    }

    pub fn name(self) -> &'static str {
        match self {
            Codec::Pcmu => "PCMU",
            Codec::Pcma => "PCMA",
            Codec::G722 => "G722",
        }
    }
}

#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct CodecPt {
    pub name: Codec,
    #[serde(deserialize_with = "payload_type")]
    pub pt: u8,
}

fn payload_type<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u8, D::Error> {
    let pt = u8::deserialize(deserializer)?;
    // RFC 5761 section 4: 64 to 95 collide with RTCP.
    if pt < 128 { Ok(pt) } else { Err(D::Error::custom("a payload type is below 128")) }
}

fn optional_payload_type<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Option<u8>>, D::Error> {
    let pt = Option::<u8>::deserialize(deserializer)?;
    if pt.is_some_and(|pt| pt > 127) {
        return Err(D::Error::custom("a payload type is below 128"));
    }
    Ok(Some(pt))
}

/// Tells `null` (Some(None)) from an absent field (None).
fn nullable<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Option<Option<T>>, D::Error> {
    Option::<T>::deserialize(deserializer).map(Some)
}

#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    #[default]
    Sendrecv,
    Sendonly,
    Recvonly,
    Inactive,
}

impl Direction {
    pub fn sends(self) -> bool {
        matches!(self, Direction::Sendrecv | Direction::Sendonly)
    }

    pub fn receives(self) -> bool {
        matches!(self, Direction::Sendrecv | Direction::Recvonly)
    }
}

#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum Nat {
    #[default]
    Strict,
    SameIp,
    Any,
}

/// What the peer's description says: an address for `rtp` legs, ICE and DTLS for `webrtc` legs.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Remote {
    pub ip: Option<IpAddr>,
    pub port: Option<u16>,
    pub rtcp_port: Option<u16>,
    pub ice_ufrag: Option<String>,
    pub ice_pwd: Option<String>,
    pub fingerprint: Option<String>,
    pub setup: Option<DtlsSetup>,
    pub mid: Option<String>,
}

/// RFC 4145 and 5763: who opens the DTLS connection, as the peer says it.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum DtlsSetup {
    Active,
    Passive,
    Actpass,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sdes {
    pub suite: String,
    pub local: String,
    pub remote: String,
}

/// The fields of `leg.create` and `leg.update` that describe the peer.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LegFields {
    pub leg: Option<Id>,
    pub room: Option<Id>,
    pub kind: Option<LegKind>,
    pub tag: Option<String>,
    pub codecs: Option<Vec<CodecPt>>,
    #[serde(default, deserialize_with = "optional_payload_type")]
    pub dtmf_pt: Option<Option<u8>>,
    pub ptime: Option<u32>,
    #[serde(default, deserialize_with = "nullable")]
    pub remote: Option<Option<Remote>>,
    pub direction: Option<Direction>,
    pub nat: Option<Nat>,
    pub rtcp_mux: Option<bool>,
    pub media_timeout_ms: Option<u32>,
    pub srtp: Option<Sdes>,
    pub family: Option<Family>,
}

/// The kind of address that an RTP leg has.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum Family {
    Ipv4,
    Ipv6,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LegOnly {
    pub leg: Id,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LegMove {
    pub leg: Id,
    pub room: Id,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StatsEvery {
    pub leg: Id,
    pub seconds: u32,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct What {
    pub files: Option<Vec<String>>,
    pub repeat: Option<u32>,
    #[serde(rename = "loop")]
    pub shared_loop: Option<String>,
    pub tone: Option<String>,
    pub country: Option<String>,
    pub silence_ms: Option<u32>,
    pub stream: Option<u32>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlayStart {
    pub play: Id,
    pub leg: Option<Id>,
    pub room: Option<Id>,
    pub what: What,
    #[serde(default)]
    pub gain_db: Decibel,
    #[serde(default)]
    pub duck_db: Decibel,
    #[serde(default)]
    pub over: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlayOnly {
    pub play: Id,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlaySeek {
    pub play: Id,
    pub at_ms: u64,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlayGain {
    pub play: Id,
    pub gain_db: Decibel,
}

#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum DtmfMethod {
    #[default]
    Rfc4733,
    Inband,
    Auto,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DtmfSend {
    pub leg: Id,
    pub digits: String,
    #[serde(default)]
    pub method: DtmfMethod,
    pub tone_ms: Option<u32>,
    pub gap_ms: Option<u32>,
    pub volume_dbm0: Option<f32>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DetectSet {
    pub leg: Id,
    pub dtmf_inband: Option<bool>,
    pub talk: Option<bool>,
    pub silence_ms: Option<u32>,
    pub machine: Option<bool>,
    pub fax: Option<bool>,
    pub beep: Option<bool>,
}

#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum RecordFormat {
    #[default]
    Pcm16,
    Mulaw,
    Alaw,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecordStart {
    pub record: Id,
    pub room: Id,
    pub path: String,
    pub left: Vec<Id>,
    pub right: Vec<Id>,
    #[serde(default)]
    pub format: RecordFormat,
    pub rate: Option<u32>,
    pub max_seconds: Option<u32>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecordUpdate {
    pub record: Id,
    pub room: Option<Id>,
    pub left: Option<Vec<Id>>,
    pub right: Option<Vec<Id>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecordOnly {
    pub record: Id,
}

/// What a tap listens to.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum TapSide {
    Says,
    Hears,
    Both,
}

impl TapSide {
    pub fn says(self) -> bool {
        self != TapSide::Hears
    }

    pub fn hears(self) -> bool {
        self != TapSide::Says
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TapStart {
    pub tap: Id,
    pub leg: Id,
    pub side: TapSide,
    pub rate: Option<u32>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TapOnly {
    pub tap: Id,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StreamAttach {
    pub tap: Option<Id>,
    pub play: Option<Id>,
}
