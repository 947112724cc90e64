//! Commands for plays, recordings, taps and streams.

use std::sync::Arc;

use super::dispatch::{Asker, Dispatcher, Fields, Loading, Pending, gain, read, unknown};
use super::error::Refusal;
use super::files::{Prepared, Wanted};
use super::registry::Kind;
use crate::api::{self, Id, RecordFormat, RecordStart, What};
use crate::record::writer::{Opened, Status};
use crate::sound::{Source, tones};
use crate::streams::push::{self, RATES};
use crate::streams::{Half, tap};
use crate::worker::work::{PlayWork, RecordWork, Work};

/// Files of one play.
const MAX_FILES: usize = 64;
/// Tones that are kept ready; there are five for each of a dozen countries.
const MAX_TONES: usize = 256;

/// A play as it is asked for, until its files are read.
#[derive(Debug)]
pub struct PlayPlan {
    pub request: api::PlayStart,
    pub worker: usize,
}

impl Dispatcher {
    pub(super) fn play(
        &mut self,
        asker: &Asker,
        name: &str,
        fields: Fields,
    ) -> Result<(), Refusal> {
        let (play, work) = match name {
            "play.start" => return self.play_start(asker, read(fields)?),
            "play.stop" => {
                let api::PlayOnly { play } = read(fields)?;
                (play.clone(), Work::PlayStop(play))
            }
            "play.seek" => {
                let api::PlaySeek { play, at_ms } = read(fields)?;
                (play.clone(), Work::PlaySeek { play, at_ms })
            }
            "play.gain" => {
                let api::PlayGain { play, gain_db } = read(fields)?;
                (play.clone(), Work::PlayGain { play, gain: gain(gain_db) })
            }
            _ => return Err(unknown(name)),
        };
        let worker = self.registry.home(Kind::Play, &play)?;
        self.forward(asker, worker, work)
    }

    fn play_start(&mut self, asker: &Asker, request: api::PlayStart) -> Result<(), Refusal> {
        self.registry.check_new(Kind::Play, &request.play)?;
        let (worker, room) = match (&request.leg, &request.room) {
            (Some(leg), None) => {
                let worker = self.registry.home(Kind::Leg, leg)?;
                (worker, self.registry.room_of(Kind::Leg, leg).cloned())
            }
            (None, Some(room)) => (self.registry.home(Kind::Room, room)?, Some(room.clone())),
            _ => return Err(Refusal::invalid("either leg or room is needed")),
        };
        let room = room.ok_or_else(|| Refusal::invalid("the leg has no room"))?;
        let ready = self.source(&request.play, &request.what)?;
        let plan = PlayPlan { request, worker };
        match ready {
            Some(source) => self.play_ready(asker, plan, room, source),
            None => {
                let paths = files(&plan.request.what)?;
                let reserved = (Kind::Play, plan.request.play.clone());
                self.load(
                    asker,
                    (worker, room),
                    reserved,
                    Loading::Play(plan),
                    Wanted::Sounds(paths),
                )
            }
        }
    }

    fn play_ready(
        &mut self,
        asker: &Asker,
        plan: PlayPlan,
        room: Id,
        source: Source,
    ) -> Result<(), Refusal> {
        let PlayPlan { request, worker } = plan;
        let reserved = Some((Kind::Play, request.play.clone(), room));
        let work = PlayWork {
            play: request.play,
            leg: request.leg,
            room: request.room,
            source,
            gain: gain(request.gain_db),
            duck: gain(request.duck_db).min(1.0),
            over: request.over,
        };
        self.forward_new(asker, worker, Work::PlayStart(Box::new(work)), reserved)
    }

    /// The source of a play that needs no file; `None` when files have to be read first.
    fn source(&mut self, play: &Id, what: &What) -> Result<Option<Source>, Refusal> {
        let given = [
            what.files.is_some(),
            what.shared_loop.is_some(),
            what.tone.is_some(),
            what.silence_ms.is_some(),
            what.stream.is_some(),
        ];
        let (repeat, country) = (what.repeat.is_some(), what.country.is_some());
        if given.iter().filter(|given| **given).count() != 1
            || (repeat && what.files.is_none())
            || (country && what.tone.is_none())
        {
            let message = "what is one of files (repeat), loop, tone (country), silence_ms, stream";
            return Err(Refusal::invalid(message));
        }
        if let Some(rate) = what.stream {
            if !RATES.contains(&rate) {
                return Err(Refusal::invalid("stream is 8000, 16000, 24000 or 48000"));
            }
            let (client, worker) = push::pair(rate, self.streams.bell.clone());
            self.halves.insert((Kind::Play, play.clone()), Half::Push(Box::new(client)));
            return Ok(Some(Source::Stream(Box::new(worker))));
        }
        if let Some(tone) = &what.tone {
            return self.tone(tone, what.country.as_deref()).map(Some);
        }
        Ok(what.silence_ms.map(|ms| Source::Silence { ms: u64::from(ms) }))
    }

    fn tone(&mut self, tone: &str, country: Option<&str>) -> Result<Source, Refusal> {
        let name = (tone.to_owned(), country.unwrap_or_default().to_ascii_uppercase());
        if let Some((clip, repeat)) = self.tones.get(&name) {
            return Ok(Source::Clips { clips: vec![clip.clone()], repeat: *repeat });
        }
        let (clip, repeats) = tones::clip(tone, country)
            .ok_or_else(|| Refusal::invalid(format!("there is no tone {tone:?}")))?;
        let (clip, repeat) = (Arc::new(clip), u32::from(!repeats));
        if self.tones.len() < MAX_TONES {
            self.tones.insert(name, (clip.clone(), repeat));
        }
        Ok(Source::Clips { clips: vec![clip], repeat })
    }

    /// Starts to read or make files; the commands of the room wait until they are here.
    fn load(
        &mut self,
        asker: &Asker,
        (worker, room): (usize, Id),
        (kind, id): (Kind, Id),
        loading: Loading,
        wanted: Wanted,
    ) -> Result<(), Refusal> {
        self.registry.insert(kind, id.clone(), worker, room.clone());
        self.holding.begin(&room);
        let pending =
            Pending::Loading { asker: asker.clone(), room, reserved: (kind, id), loading };
        let token = self.token(pending);
        self.files.want(token, wanted)
    }

    /// Files are here, or will not come. The id is reserved already.
    pub(super) fn prepared(
        &mut self,
        asker: &Asker,
        room: Id,
        loading: Loading,
        prepared: Prepared,
    ) -> Result<(), Refusal> {
        match (loading, prepared) {
            (Loading::Play(plan), Prepared::Sounds(clips)) => {
                let mut clips = clips?;
                let source = match (&plan.request.what.shared_loop, clips.first()) {
                    (Some(_), Some(_)) => Source::SharedLoop(clips.swap_remove(0)),
                    _ => Source::Clips { clips, repeat: plan.request.what.repeat.unwrap_or(1) },
                };
                self.play_ready(asker, plan, room, source)
            }
            (Loading::Record(request), Prepared::Recording(file)) => {
                self.record_ready(asker, *request, file?)
            }
            _ => Err(Refusal::new("worker_failed", "another file than the wanted one")),
        }
    }

    pub(super) fn record(
        &mut self,
        asker: &Asker,
        name: &str,
        fields: Fields,
    ) -> Result<(), Refusal> {
        let (record, work) = match name {
            "record.start" => return self.record_start(asker, read(fields)?),
            "record.update" => {
                let request: api::RecordUpdate = read(fields)?;
                self.check_record_move(&request)?;
                if let Some(room) = &request.room {
                    self.registry.moved(Kind::Record, &request.record, room);
                }
                (request.record.clone(), Work::RecordUpdate(request))
            }
            "record.pause" | "record.resume" => {
                let api::RecordOnly { record } = read(fields)?;
                let paused = name == "record.pause";
                (record.clone(), Work::RecordPause { record, paused })
            }
            "record.stop" => {
                let api::RecordOnly { record } = read(fields)?;
                (record.clone(), Work::RecordStop(record))
            }
            _ => return Err(unknown(name)),
        };
        let worker = self.registry.home(Kind::Record, &record)?;
        self.forward(asker, worker, work)
    }

    fn check_record_move(&self, request: &api::RecordUpdate) -> Result<(), Refusal> {
        let worker = self.registry.home(Kind::Record, &request.record)?;
        if let Some(room) = &request.room
            && self.registry.home(Kind::Room, room)? != worker
        {
            let message = "the room lives on another worker: it must be created near the first";
            return Err(Refusal::new("not_supported", message));
        }
        let sides = request.left.iter().flatten().chain(request.right.iter().flatten());
        self.check_legs(worker, sides)
    }

    fn record_start(&mut self, asker: &Asker, request: RecordStart) -> Result<(), Refusal> {
        self.registry.check_new(Kind::Record, &request.record)?;
        let worker = self.registry.home(Kind::Room, &request.room)?;
        self.check_legs(worker, request.left.iter().chain(&request.right))?;
        for leg in request.left.iter().chain(&request.right) {
            if self.registry.room_of(Kind::Leg, leg) != Some(&request.room) {
                let message = format!("the leg {:?} is in another room", leg.as_str());
                return Err(Refusal::new("wrong_room", message));
            }
        }
        if !matches!(request.rate, None | Some(8000 | 16000)) {
            return Err(Refusal::invalid("rate is 8000 or 16000"));
        }
        if request.max_seconds == Some(0) {
            return Err(Refusal::invalid("max_seconds is at least 1"));
        }
        let reserved = (Kind::Record, request.record.clone());
        let (home, path) = ((worker, request.room.clone()), request.path.clone());
        let loading = Loading::Record(Box::new(request));
        self.load(asker, home, reserved, loading, Wanted::Recording(path))
    }

    fn record_ready(
        &mut self,
        asker: &Asker,
        request: RecordStart,
        file: std::fs::File,
    ) -> Result<(), Refusal> {
        let worker = self.registry.home(Kind::Record, &request.record)?;
        let status = Arc::new(Status::default());
        let encoding = match request.format {
            RecordFormat::Pcm16 => wav::Encoding::Pcm16,
            RecordFormat::Mulaw => wav::Encoding::Ulaw,
            RecordFormat::Alaw => wav::Encoding::Alaw,
        };
        let opened = Opened {
            id: request.record.as_str().to_owned(),
            path: request.path,
            file,
            encoding,
            rate: request.rate.unwrap_or(8000),
            status: status.clone(),
        };
        let key = self.next_record;
        self.next_record += 1;
        let reserved = Some((Kind::Record, request.record.clone(), request.room.clone()));
        let work = RecordWork {
            record: request.record,
            room: request.room,
            left: request.left,
            right: request.right,
            max_seconds: request.max_seconds,
            key,
            status,
            opened,
        };
        self.forward_new(asker, worker, Work::RecordStart(Box::new(work)), reserved)
    }

    pub(super) fn tap_start(
        &mut self,
        asker: &Asker,
        request: api::TapStart,
    ) -> Result<(), Refusal> {
        let api::TapStart { tap: id, leg, side, rate } = request;
        self.registry.check_new(Kind::Tap, &id)?;
        let worker = self.registry.home(Kind::Leg, &leg)?;
        let room = self.registry.room_of(Kind::Leg, &leg).cloned();
        let room = room.ok_or_else(|| Refusal::invalid("the leg has no room"))?;
        let rate = rate.unwrap_or(8000);
        if rate != 8000 && rate != 16000 {
            return Err(Refusal::invalid("rate is 8000 or 16000"));
        }
        let (tap, out) = tap::pair(id.clone(), side, rate, self.streams.bell.clone());
        self.halves.insert((Kind::Tap, id.clone()), Half::Tap(out));
        self.tapped.insert(id.clone(), leg.clone());
        let work = Work::TapStart { leg, tap: Box::new(tap) };
        self.forward_new(asker, worker, work, Some((Kind::Tap, id, room)))
    }

    pub(super) fn tap_stop(&mut self, asker: &Asker, request: api::TapOnly) -> Result<(), Refusal> {
        let api::TapOnly { tap } = request;
        self.registry.home(Kind::Tap, &tap)?;
        // A tap goes with its leg, wherever that is now.
        let leg = self.tapped.get(&tap).cloned();
        let leg = leg.ok_or_else(|| Refusal::unknown("tap", tap.as_str()))?;
        let worker = self.registry.home(Kind::Leg, &leg)?;
        self.forward(asker, worker, Work::TapStop { leg, tap })
    }

    /// The client's end of a tap or a pushed stream, once.
    pub fn attach(&mut self, fields: Fields) -> Result<Half, Refusal> {
        let (kind, id) = match read(fields)? {
            api::StreamAttach { tap: Some(tap), play: None } => (Kind::Tap, tap),
            api::StreamAttach { tap: None, play: Some(play) } => (Kind::Play, play),
            _ => return Err(Refusal::invalid("either tap or play is needed")),
        };
        self.registry.home(kind, &id)?;
        if self.streams.is_full() {
            return Err(Refusal::new("too_many_clients", "the engine has too many streams"));
        }
        self.halves.remove(&(kind, id.clone())).ok_or_else(|| {
            let message = format!("the {} {:?} has no free stream", kind.name(), id.as_str());
            Refusal::new("exists", message)
        })
    }

    /// An object is gone; what was kept for it goes too.
    pub(super) fn forget(&mut self, kind: Kind, id: &Id) {
        self.registry.remove(kind, id);
        if matches!(kind, Kind::Tap | Kind::Play) {
            self.halves.remove(&(kind, id.clone()));
            self.tapped.remove(id);
        }
    }
}

fn files(what: &What) -> Result<Vec<String>, Refusal> {
    let paths = match (&what.files, &what.shared_loop) {
        (Some(files), _) => files.clone(),
        (None, Some(path)) => vec![path.clone()],
        (None, None) => Vec::new(),
    };
    if paths.is_empty() || paths.len() > MAX_FILES {
        return Err(Refusal::invalid(format!("files has 1 to {MAX_FILES} entries")));
    }
    Ok(paths)
}
