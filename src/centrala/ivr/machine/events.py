"""What a run hears: the answers to its commands, and what the caller does of their own accord.

`id` names the command that is answered. An answer to a command that is over changes nothing.
"""

from typing import Annotated, Any, Final, Literal

from pydantic import Field

from centrala.ivr.machine.commands import Plain

MAX_INPUT: Final = 64  # digits that one event brings; the exchange gathers no more

CommandId = Annotated[int, Field(ge=0, le=1_000_000)]


class BeginEvent(Plain):
    """The call is here. Fed once, first."""

    kind: Literal["begin"] = "begin"


class StartedEvent(Plain):
    """The call is answered."""

    kind: Literal["started"] = "started"
    id: CommandId


class PlayedEvent(Plain):
    """All was said, or the key `digit` has ended it."""

    kind: Literal["played"] = "played"
    id: CommandId
    digit: Annotated[str, Field(max_length=1)] = ""


class DigitsEvent(Plain):
    """The keys without the terminator."""

    kind: Literal["digits"] = "digits"
    id: CommandId
    digits: Annotated[str, Field(max_length=MAX_INPUT)]


class NoInputEvent(Plain):
    kind: Literal["no_input"] = "no_input"
    id: CommandId


class ConnectedEvent(Plain):
    """Somebody talks with the caller."""

    kind: Literal["connected"] = "connected"
    id: CommandId


class FinishedEvent(Plain):
    """The other one has left and the caller is still there."""

    kind: Literal["finished"] = "finished"
    id: CommandId


class QueueLeftEvent(Plain):
    """The queue does not serve the caller. `target` is the mailbox, the number or the node of this flow."""

    kind: Literal["queue_left"] = "queue_left"
    id: CommandId
    how: Literal["overflow", "closed", "no_operator", "voicemail", "number", "node", "hang_up", "failed"]
    target: Annotated[str, Field(max_length=100)] = ""


class CallbackOfferedEvent(Plain):
    """The queue wants the caller asked whether to be called back. `id` is the queue command's."""

    kind: Literal["callback_offered"] = "callback_offered"
    id: CommandId
    expected_seconds: Annotated[float, Field(ge=0, le=1_000_000, allow_inf_nan=False)] | None = None


class TransferFailedEvent(Plain):
    kind: Literal["transfer_failed"] = "transfer_failed"
    id: CommandId
    how: Literal["busy", "no_answer", "failed"] = "failed"


class RecordedEvent(Plain):
    """The message is there; 0 seconds: nothing was said."""

    kind: Literal["recorded"] = "recorded"
    id: CommandId
    seconds: Annotated[float, Field(ge=0, le=100_000, allow_inf_nan=False)]


class CallbackOrderedEvent(Plain):
    """`ok` is False when it was refused: one is promised to this number already, or it may not be dialled."""

    kind: Literal["callback_ordered"] = "callback_ordered"
    id: CommandId
    ok: bool = True


class FoundEvent(Plain):
    """The customer, or None; `failed` when nobody could look."""

    kind: Literal["found"] = "found"
    id: CommandId
    customer_id: Annotated[str, Field(max_length=60)] | None = None
    name: Annotated[str, Field(max_length=200)] = ""
    language: Annotated[str, Field(max_length=2)] = ""
    failed: bool = False


class HoursAreEvent(Plain):
    kind: Literal["hours_are"] = "hours_are"
    id: CommandId
    state: Literal["open", "closed", "holiday"]


class HttpAnsweredEvent(Plain):
    """`body` is the parsed JSON, None when it is none."""

    kind: Literal["http_answered"] = "http_answered"
    id: CommandId
    status: Annotated[int, Field(ge=100, le=599)]
    body: Any = None


class HttpFailedEvent(Plain):
    kind: Literal["http_failed"] = "http_failed"
    id: CommandId
    reason: Annotated[str, Field(max_length=60)] = "timeout"


class FailedEvent(Plain):
    """A command cannot be carried out: the sound is missing, the engine away."""

    kind: Literal["failed"] = "failed"
    id: CommandId


class CallEndedEvent(Plain):
    """The caller has hung up, or the call is lost."""

    kind: Literal["call_ended"] = "call_ended"


class TimePassedEvent(Plain):
    """The moment of `Run.deadline` has come."""

    kind: Literal["time_passed"] = "time_passed"


Event = Annotated[
    BeginEvent
    | StartedEvent
    | PlayedEvent
    | DigitsEvent
    | NoInputEvent
    | ConnectedEvent
    | FinishedEvent
    | QueueLeftEvent
    | CallbackOfferedEvent
    | TransferFailedEvent
    | RecordedEvent
    | CallbackOrderedEvent
    | FoundEvent
    | HoursAreEvent
    | HttpAnsweredEvent
    | HttpFailedEvent
    | FailedEvent
    | CallEndedEvent
    | TimePassedEvent,
    Field(discriminator="kind"),
]
