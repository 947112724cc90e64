"""What a flow asks of other rooms: the client base, calendars, servers over HTTP, the mailbox."""

from typing import Any, Protocol
from uuid import UUID

from centrala.flows.contacts.state import Contact


class Aids(Protocol):
    async def lookup(self, contact: Contact, command: Any, /) -> Any: ...

    async def hours(self, contact: Contact, command: Any, /) -> Any: ...

    async def http(self, contact: Contact, command: Any, /) -> Any: ...

    async def keep_voicemail(self, contact: Contact, box: str, recording_id: UUID, seconds: float) -> None: ...
