"""What a run wants done. Each command that is answered has an `id`, which the answering event names.

They are plain data: a run's last commands can be shown in a simulator, stored and sent again after a restart.
"""

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field


class Plain(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


# Sounds, in the order in which they are played


class SpokenSound(Plain):
    """Text to be spoken; its variables are filled in. `passing`: it had any, so it may be about a person."""

    kind: Literal["spoken"] = "spoken"
    text: str
    language: str
    passing: bool = False


class LibrarySound(Plain):
    """A prompt of the project's library."""

    kind: Literal["library"] = "library"
    prompt_id: UUID
    language: str


class SentenceSound(Plain):
    """A sentence of the system's own, such as `wrong_key`; a project may have its own recording of it."""

    kind: Literal["sentence"] = "sentence"
    name: str
    language: str
    values: dict[str, str | float] = Field(default_factory=dict)


class SilentSound(Plain):
    kind: Literal["silent"] = "silent"
    ms: int


class BeepSound(Plain):
    kind: Literal["beep"] = "beep"


Sound = Annotated[SpokenSound | LibrarySound | SentenceSound | SilentSound | BeepSound, Field(discriminator="kind")]


# Commands


class AnswerCommand(Plain):
    """Take the call. Answer: `Started`."""

    kind: Literal["answer"] = "answer"
    id: int


class PlayCommand(Plain):
    """Answer: `Played`, when all is said or a key has ended it (`interruptible`)."""

    kind: Literal["play"] = "play"
    id: int
    sounds: list[Sound]
    interruptible: bool = True


class CollectCommand(Plain):
    """Say something and gather keys. Answer: `Digits` or `NoInput`. Times in seconds.

    Keys that were pressed before count, and then nothing is said; `fresh`: they do not.
    """

    kind: Literal["collect"] = "collect"
    id: int
    sounds: list[Sound]
    most: int
    terminators: str
    first_seconds: float
    between_seconds: float
    interruptible: bool = True
    fresh: bool = False
    secret: bool = False


class QueueCommand(Plain):
    """Put the caller into a queue. Answer: `Connected` and then `Finished`, or `QueueLeft`."""

    kind: Literal["queue"] = "queue"
    id: int
    queue_id: UUID
    priority: int = 0
    skills: dict[str, int] = Field(default_factory=dict, description="Level by the skill's id.")
    language: str | None = Field(default=None, description="That the operator must speak.")


class TransferCommand(Plain):
    """Ring a person or a number. Answer: `Connected` and then `Finished`, or `TransferFailed`."""

    kind: Literal["transfer"] = "transfer"
    id: int
    person_id: UUID | None = None
    number: str | None = None
    ring_seconds: float = 25


class VoicemailCommand(Plain):
    """Say something, beep, record. Answer: `Recorded`."""

    kind: Literal["voicemail"] = "voicemail"
    id: int
    sounds: list[Sound]
    box: str
    max_seconds: int
    silence_seconds: int


class CallbackCommand(Plain):
    """Promise a call. `keep_place`: the caller waits in the queue and keeps the place. Answer: `CallbackOrdered`."""

    kind: Literal["order_callback"] = "order_callback"
    id: int
    queue_id: UUID
    number: str
    language: str
    keep_place: bool = False


class LookupCommand(Plain):
    """Look for a customer. Answer: `Found`."""

    kind: Literal["lookup"] = "lookup"
    id: int
    number: str


class HoursCommand(Plain):
    """Ask whether a calendar is open now. Answer: `HoursAre`."""

    kind: Literal["hours"] = "hours"
    id: int
    calendar_id: UUID


class HttpCommand(Plain):
    """Answer: `HttpAnswered` or `HttpFailed`."""

    kind: Literal["http"] = "http"
    id: int
    method: str
    url: str
    headers: dict[str, str]
    body: str | None
    timeout_seconds: float


class StopCommand(Plain):
    """A command that is no longer wanted: end its sound, wait for none of its keys. It is not answered."""

    kind: Literal["stop"] = "stop"
    id: int
    command: int


class RatedCommand(Plain):
    """The caller has given a mark. Not answered."""

    kind: Literal["rated"] = "rated"
    id: int
    question: str
    scale: str
    mark: int


class NotedCommand(Plain):
    """For the contact's timeline: `menu` (a key was chosen), `input`, `language`, `node`. Not answered."""

    kind: Literal["noted"] = "noted"
    id: int
    what: Literal["node", "menu", "input", "language"]
    node_id: str
    details: dict[str, Any] = Field(default_factory=dict)


class HangUpCommand(Plain):
    """End the call; nothing follows. `why` says who decided: `flow`, `time`, `steps`, `nowhere` ..."""

    kind: Literal["hang_up"] = "hang_up"
    id: int
    cause: Literal["normal", "busy", "unavailable", "rejected"] = "normal"
    why: str = "flow"


Command = Annotated[
    AnswerCommand
    | PlayCommand
    | CollectCommand
    | QueueCommand
    | TransferCommand
    | VoicemailCommand
    | CallbackCommand
    | LookupCommand
    | HoursCommand
    | HttpCommand
    | StopCommand
    | RatedCommand
    | NotedCommand
    | HangUpCommand,
    Field(discriminator="kind"),
]
