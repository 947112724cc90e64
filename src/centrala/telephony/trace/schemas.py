"""The HTTP shapes of the SIP trace."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class SipMessageOut(BaseModel):
    """One message; its text has passwords, proofs of passwords, keys of audio and dialled digits masked."""

    model_config = ConfigDict(from_attributes=True)

    id: int
    at: datetime
    direction: Literal["in", "out"] = Field(description="Seen from Centrala.")
    transport: str
    local: str = Field(description="Our address, as `ip:port`.")
    remote: str = Field(description="The other side's address.")
    call_id: str
    method: str = Field(description="Of the request, also where this is a response; empty where it cannot be read.")
    status: int | None = Field(description="Of a response.")
    cseq: int | None
    first_line: str
    from_user: str
    to_user: str
    size: int = Field(description="Bytes on the wire.")
    text: str


class TraceOut(BaseModel):
    """All messages of a call, in the order of the wire."""

    messages: list[SipMessageOut]
    truncated: bool = Field(description="There are more messages than are shown.")
    kept_days: int = Field(description="How long messages are kept; 0: none is.")
