"""Names of queues, people and projects; and sounds: what the program says by itself, prompts of flows, music."""

from collections.abc import Callable, Sequence
from typing import Any, Final
from uuid import UUID

from centrala.flows.contacts.state import Contact
from centrala.ivr.machine import commands
from centrala.ivr.service import Voice as Speaker
from centrala.ivr.speech import VoiceAway
from centrala.kit.database import Database
from centrala.kit.errors import Refusal
from centrala.kit.logging import get_logger
from centrala.routing.service import OperatorId, QueueId
from centrala.telephony.media.types import Files, What

log = get_logger(__name__)

USUAL_LANGUAGE: Final = "en"


class Voice:
    def __init__(self, laid: Callable[[], Any], database: Database, speaker: Speaker, music: str) -> None:
        self._laid = laid  # what the dispatcher knows of queues and people, always as it is now
        self._database = database
        self._speaker = speaker
        self._music = music

    # Names

    def queue_name(self, queue_id: UUID) -> str:
        info = self._laid().queues.get(QueueId(str(queue_id)))
        return "" if info is None else info.name

    def person_name(self, person_id: UUID) -> str:
        info = self._laid().people.get(OperatorId(str(person_id)))
        return "" if info is None else f"{info.given_name} {info.family_name}".strip()

    def may_hang_up(self, contact: Contact) -> bool:
        """As the project and the queue have it."""
        laid = self._laid()
        info = laid.queues.get(QueueId(str(contact.queue_id)))
        return contact.project_id not in laid.client_ends and (info is None or info.operator_may_hang_up)

    def first_queue(self, project_id: UUID) -> UUID | None:
        """Where a project's calls go that no flow leads."""
        found = (info.id for info in self._laid().queues.values() if info.project_id == project_id)
        return next(found, None)

    # Sounds

    async def music(self, contact: Contact) -> str:
        """The queue's own music, or the centre's."""
        info = None if contact.queue_id is None else self._laid().queues.get(QueueId(str(contact.queue_id)))
        if info is None or info.music_prompt_id is None:
            return self._music
        own = commands.LibrarySound(prompt_id=info.music_prompt_id, language=language_of(contact))
        found = await self._speaker.paths(self._database, contact.project_id, [own])
        return str(found[0]) if found else self._music

    async def place(self, contact: Contact, position: int, expected: float | None) -> What | None:
        """Place and expected wait in the client's language."""
        try:
            found = await self._speaker.announcement(language_of(contact), position=position, wait_seconds=expected)
        except (Refusal, VoiceAway) as error:
            log.warning("A place in a queue could not be told.", reason=type(error).__name__)
            return None
        return Files(paths=[str(path) for path in found]) if found else None

    async def sentence(self, contact: Contact, name: str) -> What | None:
        """A sentence of the program's own."""
        return await self.sounds(contact, [commands.SentenceSound(name=name, language=language_of(contact))])

    async def sounds(self, contact: Contact, sounds: Sequence[Any]) -> What | None:
        """What a flow says, as one play; None when nothing of it can be said."""
        if not sounds:
            return None
        found = await self._speaker.paths(self._database, contact.project_id, sounds)
        return Files(paths=[str(path) for path in found]) if found else None


def language_of(contact: Contact) -> str:
    return contact.language or USUAL_LANGUAGE
