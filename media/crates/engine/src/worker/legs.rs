//! Legs: create, update, move, close.

use rustix::event::epoll;
use serde_json::{Value, json};

use super::Worker;
use super::commands::Outcome;
use super::leg::{Leg, NewLeg, Settings};
use super::transport::{Sockets, Transport};
use crate::api::{Direction, Family, Id, LegFields, LegKind};
use crate::control::error::Refusal;
use crate::outbox::FromWorker;

/// Told once for each arrival: a socket that was emptied costs nothing until the next packet.
const EDGES: epoll::EventFlags = epoll::EventFlags::IN.union(epoll::EventFlags::ET);
const MAX_TAG: usize = 256;
const MAX_CODECS: usize = 8;
const PTIMES: [u32; 5] = [10, 20, 30, 40, 60];
const MAX_TIMEOUT_MS: u32 = 3_600_000;

impl Worker {
    pub(super) fn leg(&self, id: &Id) -> Result<&Leg, Refusal> {
        let leg = self.leg_ids.get(id).and_then(|at| self.legs[*at].as_deref());
        leg.ok_or_else(|| Refusal::unknown("leg", id.as_str()))
    }

    pub(super) fn leg_mut(&mut self, id: &Id) -> Result<&mut Leg, Refusal> {
        let leg = self.leg_ids.get(id).and_then(|at| self.legs[*at].as_deref_mut());
        leg.ok_or_else(|| Refusal::unknown("leg", id.as_str()))
    }

    pub(super) fn create_leg(&mut self, id: Id, room: &Id, fields: LegFields) -> Outcome {
        let room = self.room_at(room)?;
        self.free_slot(room)?;
        let settings = settings(None, &fields)?;
        let (transport, web) = if fields.kind == Some(LegKind::Webrtc) {
            self.new_web(&fields)?
        } else {
            (self.new_transport(&fields)?, None)
        };
        self.serial += 1;
        let random = self.random.words();
        let serial = self.serial;
        let leg = Box::new(Leg::new(NewLeg { id, serial, settings, transport, web, random }));
        let local = self.local(&leg);
        self.seat(leg, room)?;
        Ok(local)
    }

    fn new_transport(&self, fields: &LegFields) -> Result<Transport, Refusal> {
        check_address(fields, None)?;
        let remote = fields.remote.as_ref().and_then(|remote| remote.as_ref()?.ip);
        let is_ipv6 = match (fields.family, remote) {
            (Some(family), _) => family == Family::Ipv6,
            (None, Some(ip)) => ip.is_ipv6(),
            // The first address is the usual one.
            (None, None) => self.setup.ports[0].ip().is_ipv6(),
        };
        let pool = self.setup.ports.iter().find(|pool| pool.ip().is_ipv6() == is_ipv6);
        let pool = pool.ok_or_else(|| {
            Refusal::new("not_supported", "the engine has no address of this family")
        })?;
        let pair = pool.take();
        let pair = pair.ok_or_else(|| Refusal::new("no_port", "no port of the range is free"))?;
        check_address(fields, Some(is_ipv6))?;
        let mut transport = Transport::new(Sockets::Own(pair));
        apply_transport(&mut transport, fields)?;
        Ok(transport)
    }

    fn free_slot(&self, room: usize) -> Result<usize, Refusal> {
        let slot = self.rooms[room].as_ref().and_then(|room| room.free_slot());
        let full = || {
            let message = format!("a room has at most {} legs", mixer::MAX_LEGS);
            Refusal::new("limit_reached", message)
        };
        slot.ok_or_else(full)
    }

    /// Puts a leg into a room and its sockets into epoll.
    fn seat(&mut self, mut leg: Box<Leg>, room: usize) -> Result<(), Refusal> {
        let slot = self.free_slot(room)?;
        let at = match self.free_legs.pop() {
            Some(at) => at,
            None => {
                self.legs.push(None);
                self.legs.len() - 1
            }
        };
        let watch = |socket: &std::net::UdpSocket, key: usize| {
            let data = epoll::EventData::new_u64(key as u64);
            epoll::add(&self.epoll, socket, data, EDGES)
        };
        let watched = match &leg.transport.sockets {
            Sockets::Own(pair) => {
                watch(&pair.rtp, at << 1).and_then(|()| watch(&pair.rtcp, (at << 1) | 1))
            }
            Sockets::Shared(_) => Ok(()),
        };
        if let Err(error) = watched {
            self.free_legs.push(at);
            return Err(Refusal::new("limit_reached", error.to_string()));
        }
        (leg.room, leg.slot) = (room, slot);
        // Reports start within the first five seconds, not all at once (RFC 3550 6.2).
        let spread = leg.serial % 50 * 100_000;
        leg.tx.next_report_us = self.now_us + spread;
        self.leg_ids.insert(leg.id.clone(), at);
        self.seat_web(&leg, at);
        self.legs[at] = Some(leg);
        // What came before the socket was watched.
        self.unfinished.extend([(at as u64) << 1, ((at as u64) << 1) | 1]);
        if let Some(room) = self.rooms[room].as_mut() {
            room.slots[slot] = Some(at);
            room.voice_now[slot] = 1.0;
            room.plan(&mut self.legs);
        }
        Ok(())
    }

    /// Takes a leg out of its room and out of epoll.
    fn unseat(&mut self, at: usize) -> Option<Box<Leg>> {
        let leg = self.legs[at].take()?;
        if let Sockets::Own(pair) = &leg.transport.sockets {
            let _ = epoll::delete(&self.epoll, &pair.rtp);
            let _ = epoll::delete(&self.epoll, &pair.rtcp);
        }
        self.unseat_web(at);
        self.leg_ids.remove(&leg.id);
        self.free_legs.push(at);
        self.vacate(leg.room, leg.slot);
        Some(leg)
    }

    /// Empties a slot: its plays end, recordings and the matrix forget it.
    fn vacate(&mut self, room: usize, slot: usize) {
        self.ticking_changed = true;
        self.end_plays_of(room, slot);
        let Some(room) = self.rooms.get_mut(room).and_then(Option::as_mut) else { return };
        room.slots[slot] = None;
        room.matrix.clear(slot);
        for record in &mut room.records {
            record.forget(slot);
        }
        room.plan(&mut self.legs);
    }

    pub(super) fn update_leg(&mut self, id: &Id, fields: LegFields) -> Outcome {
        let leg = self.leg_mut(id)?;
        let settings = settings(Some(&leg.settings), &fields)?;
        if leg.web.is_some() {
            self.update_web(id, &fields)?;
        } else {
            let is_ipv6 = match &leg.transport.sockets {
                Sockets::Own(pair) => Some(pair.is_ipv6()),
                Sockets::Shared(_) => None,
            };
            check_address(&fields, is_ipv6)?;
            apply_transport(&mut leg.transport, &fields)?;
        }
        let leg = self.leg_mut(id)?;
        leg.apply(settings);
        let room = leg.room;
        if let Some(room) = self.rooms[room].as_mut() {
            room.plan(&mut self.legs);
        }
        Ok(self.local(self.leg(id)?))
    }

    pub(super) fn move_leg(&mut self, id: &Id, room: &Id) -> Outcome {
        let room = self.room_at(room)?;
        self.free_slot(room)?;
        let at = *self.leg_ids.get(id).ok_or_else(|| Refusal::unknown("leg", id.as_str()))?;
        if self.leg(id)?.room == room {
            return Ok(json!({}));
        }
        if let Some(leg) = self.unseat(at) {
            self.seat(leg, room)?;
        }
        Ok(json!({}))
    }

    /// The leg goes to another worker, with its sockets and all it counted.
    pub(super) fn extract_leg(&mut self, token: u64, id: &Id) -> Result<(), Refusal> {
        let at = *self.leg_ids.get(id).ok_or_else(|| Refusal::unknown("leg", id.as_str()))?;
        if self.leg(id)?.web.is_some() {
            let message = "a webrtc leg stays on its worker: create the room near this one";
            return Err(Refusal::new("not_supported", message));
        }
        if let Some(leg) = self.unseat(at) {
            self.setup.outbox.send(FromWorker::Extracted { token, leg });
        }
        Ok(())
    }

    pub(super) fn adopt_leg(&mut self, leg: Box<Leg>, room: &Id) -> Outcome {
        let id = leg.id.clone();
        let seated = self.room_at(room).and_then(|room| self.seat(leg, room));
        if let Err(refusal) = seated {
            // The room went away or filled up while the leg was on its way.
            let fields = json!({"leg": id.as_str(), "room": room.as_str(), "reason": "failed"});
            self.setup.outbox.gone("leg", id.as_str());
            self.setup.outbox.event("leg.closed", fields);
            return Err(refusal);
        }
        Ok(json!({}))
    }

    pub(super) fn close_leg(&mut self, id: &Id) -> Outcome {
        let at = *self.leg_ids.get(id).ok_or_else(|| Refusal::unknown("leg", id.as_str()))?;
        Ok(self.end_leg(at, "closed").unwrap_or(Value::Null))
    }

    /// Ends a leg, says BYE to the peer, tells the client; its figures.
    pub(super) fn end_leg(&mut self, at: usize, reason: &'static str) -> Option<Value> {
        let Some(mut leg) = self.unseat(at) else { return self.forget_lost_leg(at, reason) };
        self.end_taps(&mut leg, "leg_closed", |_| true);
        self.say_bye(&mut leg);
        let quality = self.quality(&leg);
        let room = self.rooms.get(leg.room).and_then(Option::as_ref);
        let fields = json!({
            "leg": leg.id.as_str(), "room": room.map(|room| room.id.as_str()),
            "reason": reason, "stats": quality,
        });
        self.setup.outbox.gone("leg", leg.id.as_str());
        self.setup.outbox.event("leg.closed", fields);
        Some(quality)
    }

    /// A leg that was out of its place when something panicked is gone with its sockets; its traces go too.
    pub(super) fn forget_lost_leg(&mut self, at: usize, reason: &'static str) -> Option<Value> {
        let id = self.leg_ids.iter().find(|(_, leg)| **leg == at).map(|(id, _)| id.clone())?;
        self.leg_ids.remove(&id);
        self.legs[at] = None;
        self.free_legs.push(at);
        self.unseat_web(at);
        let seat = self.rooms.iter().enumerate().find_map(|(index, room)| {
            let slot = room.as_ref()?.slots.iter().position(|leg| *leg == Some(at))?;
            Some((index, slot))
        });
        let mut room_id = Value::Null;
        if let Some((room, slot)) = seat {
            self.vacate(room, slot);
            room_id = json!(self.rooms[room].as_ref().map(|room| room.id.as_str()));
        }
        let fields = json!({"leg": id.as_str(), "room": room_id, "reason": reason});
        self.setup.outbox.gone("leg", id.as_str());
        self.setup.outbox.event("leg.closed", fields);
        None
    }

    /// What the app writes into its SDP.
    pub(super) fn local(&self, leg: &Leg) -> Value {
        let pair = match (&leg.transport.sockets, &leg.web) {
            (Sockets::Own(pair), _) => pair,
            (_, Some(web)) => return self.local_web(leg, web),
            _ => return Value::Null,
        };
        let port = pair.port;
        let rtcp_port = if leg.transport.rtcp_mux { port } else { port + 1 };
        json!({
            "leg": leg.id.as_str(), "ip": pair.advertised(), "port": port,
            "rtcp_port": rtcp_port, "ssrc": leg.tx.rewriter.ssrc, "cname": leg.cname,
        })
    }
}

/// Checks the fields of a create (no settings before) or an update; nothing is changed on a refusal.
fn settings(before: Option<&Settings>, fields: &LegFields) -> Result<Settings, Refusal> {
    let codecs = match (&fields.codecs, before) {
        (Some(codecs), _) => codecs.clone(),
        (None, Some(before)) => before.codecs.clone(),
        (None, None) => return Err(Refusal::invalid("codecs is missing")),
    };
    if codecs.is_empty() || codecs.len() > MAX_CODECS {
        return Err(Refusal::invalid(format!("codecs has 1 to {MAX_CODECS} entries")));
    }
    if fields.tag.as_ref().is_some_and(|tag| tag.len() > MAX_TAG) {
        return Err(Refusal::invalid(format!("tag has at most {MAX_TAG} bytes")));
    }
    let ptime = fields.ptime.or(before.map(|b| b.ptime)).unwrap_or(20);
    if !PTIMES.contains(&ptime) {
        return Err(Refusal::invalid("ptime is 10, 20, 30, 40 or 60"));
    }
    let timeout =
        fields.media_timeout_ms.or(before.map(|b| b.media_timeout_ms)).unwrap_or_default();
    if timeout > MAX_TIMEOUT_MS {
        return Err(Refusal::invalid("media_timeout_ms is at most an hour"));
    }
    let dtmf_pt = fields.dtmf_pt.unwrap_or(before.and_then(|before| before.dtmf_pt));
    if codecs.iter().any(|codec| Some(codec.pt) == dtmf_pt) {
        return Err(Refusal::invalid("dtmf_pt is the payload type of a codec"));
    }
    let direction = fields.direction.or(before.map(|b| b.direction));
    Ok(Settings {
        tag: fields.tag.clone().or(before.and_then(|before| before.tag.clone())),
        codecs,
        dtmf_pt,
        ptime,
        direction: direction.unwrap_or(Direction::Sendrecv),
        media_timeout_ms: timeout,
    })
}

/// `is_ipv6`: the family of the leg's own address, once it has one.
fn check_address(fields: &LegFields, is_ipv6: Option<bool>) -> Result<(), Refusal> {
    let Some(Some(remote)) = &fields.remote else { return Ok(()) };
    let (Some(ip), Some(_)) = (remote.ip, remote.port) else {
        return Err(Refusal::invalid("remote needs ip and port"));
    };
    if is_ipv6.is_some_and(|is_ipv6| is_ipv6 != ip.is_ipv6()) {
        return Err(Refusal::invalid("remote is of another address family than the leg"));
    }
    Ok(())
}

fn apply_transport(transport: &mut Transport, fields: &LegFields) -> Result<(), Refusal> {
    if let Some(sdes) = &fields.srtp {
        transport.set_keys(sdes)?;
    }
    if let Some(mux) = fields.rtcp_mux {
        transport.rtcp_mux = mux;
    }
    if let Some(nat) = fields.nat {
        transport.set_nat(nat);
    }
    if let Some(remote) = &fields.remote {
        transport.set_remote(remote.as_ref());
    }
    Ok(())
}
