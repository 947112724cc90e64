"""Calls, legs and recordings as rows."""

from collections.abc import Mapping
from typing import Any

from centrala.telephony.calls.causes import Ending
from centrala.telephony.calls.state import Call, Leg, Recording


def call_row(call: Call, node: str) -> dict[str, Any]:
    return {
        "id": call.id,
        "project_id": call.project_id,
        "node": node,
        "direction": call.direction.value,
        "caller": call.caller,
        "callee": call.callee,
        "started_at": call.started_at,
        "answered_at": call.answered_at,
        "ended_at": call.ended_at,
        **_ending(call.ending if call.ended_at else None),
    }


def leg_row(leg: Leg) -> dict[str, Any]:
    return {
        "id": leg.id,
        "call_id": leg.call.id,
        "project_id": leg.call.project_id,
        "direction": leg.direction.value,
        "kind": leg.stream.kind.value,
        "peer": leg.peer.number,
        "display": leg.peer.display,
        "local": leg.local,
        "trunk_id": leg.trunk_id,
        "phone_id": leg.phone_id,
        "sip_call_id": leg.sip_call_id,
        "started_at": leg.started_at,
        "ringing_at": leg.ringing_at,
        "answered_at": leg.answered_at,
        "ended_at": leg.ended_at,
        **_ending(leg.ending if leg.ended_at else None),
        "codec": leg.stream.codec,
        **figures(leg.stats),
    }


def recording_row(recording: Recording, call: Call) -> dict[str, Any]:
    return {
        "id": recording.id,
        "call_id": call.id,
        "project_id": call.project_id,
        "path": recording.path,
        "started_at": recording.started_at,
        "ended_at": recording.ended_at,
        "reason": recording.reason,
        "duration_ms": recording.duration_ms,
        "size": recording.size,
        "sha256": recording.sha256,
        "marks": recording.marks,
    }


def _ending(ending: Ending | None) -> dict[str, Any]:
    if ending is None:
        return {"cause": None, "sip_status": None, "q850": None, "hung_up_by": None}
    return {
        "cause": ending.cause.value,
        "sip_status": ending.sip,
        "q850": ending.q850,
        "hung_up_by": ending.by.value,
    }


def figures(stats: Mapping[str, Any]) -> dict[str, Any]:
    """The columns of section 8 of the media protocol; None for what was not measured."""
    received: Mapping[str, Any] = stats.get("received") or {}
    sent: Mapping[str, Any] = stats.get("sent") or {}
    return {
        "packets_received": received.get("packets"),
        "packets_sent": sent.get("packets"),
        "packets_lost": received.get("lost"),
        "loss_pct": received.get("loss_pct"),
        "jitter_ms": received.get("jitter_ms"),
        "rtt_ms": stats.get("rtt_ms"),
        "mos_received": received.get("mos"),
        "mos_sent": sent.get("mos"),
    }
