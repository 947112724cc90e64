//! Commands as a worker gets them: checked, with files opened and sounds decoded.

use std::sync::Arc;

use crate::api::{DetectSet, DtmfSend, Id, LegFields, RecordUpdate, RoomHear};
use crate::record::writer::{Opened, Status};
use crate::sound::Source;
use crate::streams::tap::Tap;

use super::leg::Leg;

#[derive(Debug)]
pub struct ToWorker {
    pub token: u64,
    pub work: Work,
}

#[derive(Debug)]
pub struct PlayWork {
    pub play: Id,
    pub leg: Option<Id>,
    pub room: Option<Id>,
    pub source: Source,
    pub gain: f32,
    pub duck: f32,
    pub over: bool,
}

#[derive(Debug)]
pub struct RecordWork {
    pub record: Id,
    pub room: Id,
    pub left: Vec<Id>,
    pub right: Vec<Id>,
    pub max_seconds: Option<u32>,
    pub key: u64,
    pub status: Arc<Status>,
    pub opened: Opened,
}

#[derive(Debug)]
pub enum Work {
    RoomCreate(Id),
    RoomHear(RoomHear),
    RoomClose {
        room: Id,
    },
    LegCreate {
        leg: Id,
        room: Id,
        fields: Box<LegFields>,
    },
    LegUpdate {
        leg: Id,
        fields: Box<LegFields>,
    },
    LegMove {
        leg: Id,
        room: Id,
    },
    LegExtract {
        leg: Id,
    },
    LegAdopt {
        leg: Box<Leg>,
        room: Id,
    },
    LegClose {
        leg: Id,
    },
    LegStats {
        leg: Id,
    },
    StatsEvery {
        leg: Id,
        seconds: u32,
    },
    PlayStart(Box<PlayWork>),
    PlayStop(Id),
    PlaySeek {
        play: Id,
        at_ms: u64,
    },
    PlayGain {
        play: Id,
        gain: f32,
    },
    TapStart {
        leg: Id,
        tap: Box<Tap>,
    },
    TapStop {
        leg: Id,
        tap: Id,
    },
    DtmfSend(DtmfSend),
    DetectSet(DetectSet),
    RecordStart(Box<RecordWork>),
    RecordUpdate(RecordUpdate),
    RecordPause {
        record: Id,
        paused: bool,
    },
    RecordStop(Id),
    List,
    Stats,
    /// Closes every room, without a reply.
    CloseAll {
        reason: &'static str,
    },
    Stop,
}
