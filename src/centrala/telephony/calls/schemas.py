"""The HTTP shapes of calls: records of what happened, and what is up now."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, Field

from centrala.kit.personal import Masked
from centrala.telephony.calls.causes import Cause, HungUpBy
from centrala.telephony.calls.events import Direction
from centrala.telephony.calls.machine import LegState


class Ended(BaseModel):
    """How something ended; all empty while it goes on."""

    cause: Cause | None
    sip_status: int | None
    q850: int | None = Field(description="ITU-T Q.850 table 1.")
    hung_up_by: HungUpBy | None


class CallOut(Ended):
    """A call: what the parties take for one conversation."""

    id: UUID
    project_id: UUID | None = Field(description="None: a call of the centre itself.")
    direction: Direction
    caller: Masked
    callee: Masked
    started_at: datetime
    answered_at: datetime | None
    ended_at: datetime | None
    talk_seconds: float | None = Field(description="From the answer to the end; none for what was not answered.")
    trunk_ids: list[UUID]
    mos: float | None = Field(description="The worst mean opinion score (1 to 4.5) of all its legs, as it came to us.")


class LegOut(Ended):
    """One peer's part of a call."""

    id: UUID
    direction: Direction
    kind: str
    peer: Masked
    display: Masked
    local: Masked = Field(description="What was dialled, or the number that was shown.")
    trunk_id: UUID | None
    phone_id: UUID | None
    sip_call_id: str
    started_at: datetime
    ringing_at: datetime | None
    answered_at: datetime | None
    ended_at: datetime | None
    codec: str | None
    packets_received: int | None
    packets_sent: int | None
    packets_lost: int | None
    loss_pct: float | None = Field(description="Of the packets that should have come to us.")
    jitter_ms: float | None
    rtt_ms: float | None
    mos_received: float | None = Field(description="Of what came to us.")
    mos_sent: float | None = Field(description="Of what we sent, as the other side reports.")


class CallDetails(CallOut):
    legs: list[LegOut] = Field(description="In the order in which they began.")


class LegNumbers(BaseModel):
    id: UUID
    peer: str
    display: str
    local: str


class CallNumbers(BaseModel):
    """The parties of a call in the clear."""

    caller: str
    callee: str
    legs: list[LegNumbers]


class LiveLeg(BaseModel):
    id: UUID
    direction: Direction
    state: LegState
    role: str
    peer: Masked
    trunk_id: UUID | None
    phone_id: UUID | None
    since: datetime = Field(description="Since when it is answered, else since when it rings or is called.")


class LiveCall(BaseModel):
    id: UUID
    project_id: UUID | None
    direction: Direction
    caller: Masked
    callee: Masked
    started_at: datetime
    answered_at: datetime | None
    recording: bool
    legs: list[LiveLeg]


class LiveCalls(BaseModel):
    """The calls that are up now, the oldest first."""

    running: bool = Field(description="Whether telephony runs; otherwise no call can be up.")
    now: datetime = Field(description="The moment of the answer, for counting durations.")
    items: list[LiveCall]
