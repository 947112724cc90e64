"""Takes messages: a sentence, a beep, a recording that a key, silence or its greatest length ends."""

from typing import Any, Final
from uuid import UUID

from centrala.flows.contacts.aids import Aids
from centrala.flows.contacts.shared import Shared
from centrala.flows.contacts.state import Contact, Stage
from centrala.flows.contacts.voice import Voice, language_of
from centrala.ivr.machine import commands, events
from centrala.telephony.calls.errors import CallError
from centrala.telephony.calls.service.sounds import CollectEnd

MESSAGE_SECONDS: Final = 120  # of a message that no flow asks for
SILENCE_SECONDS: Final = 5  # after which such a message is over
ENDS: Final = "#*"
NOTHING_SAID: Final = 0.5  # seconds before the silence that ended it; less is a breath, or the echo of the beep


def unasked(contact: Contact, box: str) -> commands.VoicemailCommand:
    """A message that a queue's rules want, where no flow is."""
    asked = commands.SentenceSound(name="voicemail", language=language_of(contact))
    return commands.VoicemailCommand(
        id=0,
        sounds=[asked, commands.BeepSound()],
        box=box,
        max_seconds=MESSAGE_SECONDS,
        silence_seconds=SILENCE_SECONDS,
    )


class Mailbox:
    def __init__(self, shared: Shared, voice: Voice, aids: Aids) -> None:
        self._shared = shared
        self._voice = voice
        self._aids = aids

    async def take(self, contact: Contact, command: Any) -> Any:
        """Carry a `VoicemailCommand` out; its answer. Raises `CallError` when nothing can be recorded."""
        shared = self._shared
        contact.enter(Stage.AFTER, shared.clock())
        if contact.client is None:
            raise CallError
        what = await self._voice.sounds(contact, command.sounds)
        if what is not None:
            await shared.told(contact, contact.client, what)
        if contact.call_id is None:
            raise CallError
        began = shared.clock()
        recording = await shared.calls.record(contact.call_id)
        before, contact.result = contact.result, "voicemail"
        shared.tell(contact, "voicemail", box=command.box, recording_id=str(recording))
        seconds = empty = 0.0
        try:
            ended = await shared.calls.collect(
                contact.client,
                wanted=1,
                terminators=ENDS,
                first=command.max_seconds,
                between=1.0,
                silence=command.silence_seconds,
            )
            if ended.end is CollectEnd.SILENCE:
                empty = command.silence_seconds + NOTHING_SAID
        finally:
            seconds = (shared.clock() - began).total_seconds()
            if seconds <= empty:
                seconds, contact.result = 0.0, before
            shared.aside(contact, self._keep(contact, command.box, recording, seconds))
        return events.RecordedEvent(id=command.id, seconds=seconds)

    async def _keep(self, contact: Contact, box: str, recording: UUID, seconds: float) -> None:
        """A message in which nothing was said lies in no mailbox."""
        try:
            await self._shared.calls.stop_recording(recording)
        except CallError:
            self._shared.counters["recordings_ended_before"] += 1
        if seconds:
            await self._aids.keep_voicemail(contact, box, recording, seconds)
