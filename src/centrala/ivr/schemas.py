"""The HTTP shapes of flows, their versions, prompts, numbers and messages."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any, Final
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from centrala.ivr.machine.commands import Command
from centrala.ivr.machine.definition import MAX_LANGUAGES, MAX_TEXT, FlowDefinition, VariableName
from centrala.ivr.machine.events import Event
from centrala.kit.forms import MAX_NAME, Change, Form, LanguageCode, Line, Name, Note, unsent

MAX_EVENTS: Final = 200  # of one simulation
MAX_IDS: Final = 300  # nodes of one answer about a difference

EARLIEST: Final = datetime(2000, 1, 1, tzinfo=UTC)
LATEST: Final = datetime(2100, 1, 1, tzinfo=UTC)

Moment = Annotated[AwareDatetime, Field(ge=EARLIEST, lt=LATEST, description="2000 to 2100.")]
PromptText = Annotated[Note, Field(max_length=MAX_TEXT)]
Texts = Annotated[dict[LanguageCode, PromptText], Field(max_length=MAX_LANGUAGES, description="By language.")]
SentenceName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$", max_length=40)]


class Shown(BaseModel):
    """An answer, made from a row of the store."""

    model_config = ConfigDict(from_attributes=True)


class FlowState(StrEnum):
    """Which flows a list shows."""

    ACTIVE = "active"
    ARCHIVED = "archived"
    ALL = "all"


# Flows


class FlowIn(Form):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "project_id": "01890a5d-ac96-774b-bcce-b302099a8057",
                    "name": "Support line",
                    "definition": {
                        "start": "hello",
                        "nodes": [
                            {
                                "id": "hello",
                                "kind": "say",
                                "prompt": [{"kind": "text", "text": {"en": "Good day."}}],
                            },
                            {"id": "bye", "kind": "hangup"},
                        ],
                        "edges": [{"source": "hello", "exit": "next", "target": "bye"}],
                    },
                }
            ]
        }
    )

    project_id: UUID
    name: Name
    note: Note = ""
    definition: FlowDefinition = Field(default_factory=FlowDefinition)


class FlowChange(Change):
    name: Name = unsent()
    note: Note = unsent()


class FlowCopy(Form):
    name: Name
    project_id: UUID | None = Field(default=None, description="None: the project of the flow that is copied.")


class FlowNumber(Shown):
    """A telephone number that leads to the flow."""

    id: UUID
    e164: str
    label: str


class FlowOut(Shown):
    """A flow in a list."""

    id: UUID
    project_id: UUID
    name: str
    note: str
    published: int | None = Field(description="Number of the version that new calls run.")
    published_at: datetime | None
    unpublished_changes: bool = Field(description="The draft differs from that version.")
    numbers: list[FlowNumber] = Field(description="Calls to these begin here.")
    changed_at: datetime
    archived_at: datetime | None
    version: int


class FlowDifference(BaseModel):
    """What changed from one definition to another; nodes by id. One that only moved in the editor has not changed."""

    added: list[str] = Field(default_factory=list)
    changed: list[str] = Field(default_factory=list)
    removed: list[str] = Field(default_factory=list)


class FlowWhole(FlowOut):
    """A flow with its draft."""

    draft: FlowDefinition
    languages: list[str] = Field(description="Of the project; the first is spoken when nothing else is known.")
    difference: FlowDifference = Field(description="From the published version to the draft.")


class DraftIn(Form):
    definition: FlowDefinition


class Severity(StrEnum):
    """An error keeps a flow from being published."""

    ERROR = "error"
    WARNING = "warning"


class FlowFinding(BaseModel):
    """Something that is wrong with a flow; the desk makes a sentence of the code and its parameters."""

    code: str = Field(examples=["exit_nowhere"])
    severity: Severity
    node_id: str | None = None
    params: dict[str, Any] = Field(default_factory=dict)


class FlowChecked(BaseModel):
    findings: list[FlowFinding]
    publishable: bool


class FlowCheckIn(Form):
    """Without a definition the draft is checked as it is stored."""

    definition: FlowDefinition | None = None


class PublishIn(Form):
    note: Annotated[Line, Field(max_length=200, description="What changed, for whoever reads the history.")] = ""


class RollBackIn(Form):
    version_id: UUID
    note: Annotated[Line, Field(max_length=200)] = ""


class FlowVersionOut(Shown):
    id: UUID
    number: int
    note: str
    published_at: datetime
    published_by: UUID | None
    published_by_name: str = Field(description="Empty when the program did it.")
    current: bool = Field(description="New calls run it.")
    difference: FlowDifference = Field(description="From the version before it.")


class FlowVersionWhole(FlowVersionOut):
    definition: FlowDefinition


class FlowFile(Form):
    """A flow as a file: what it names by id in this centre stands in `names`, to be found again by name elsewhere."""

    format: Annotated[str, Field(pattern=r"^centrala-flow/1$", max_length=20)] = "centrala-flow/1"
    name: Name
    note: Note = ""
    definition: FlowDefinition
    names: Annotated[
        dict[
            Annotated[str, Field(max_length=60)],
            Annotated[str, Field(max_length=MAX_NAME + 20)],
        ],
        Field(max_length=600, description="`queue:Support`, `calendar:Hours` ... by the id that the definition uses."),
    ] = Field(default_factory=dict)


class FlowImport(Form):
    project_id: UUID
    name: Annotated[Line, Field(max_length=MAX_NAME, description="Empty: as in the file.")] = ""
    file: FlowFile


# The simulator


class TimedEvent(Form):
    """An event and when it comes, in seconds from the start of the call."""

    at: Annotated[float, Field(ge=0, le=100_000, allow_inf_nan=False)] = 0
    event: Event


class SimulationIn(Form):
    """A whole call anew each time: the events so far, and the answer tells what the flow wants next.

    The first event is `begin`, and it may be left out.
    """

    definition: FlowDefinition | None = Field(default=None, description="None: the stored draft, or the version named.")
    version_id: UUID | None = None
    caller: Annotated[Line, Field(max_length=40)] = ""
    called: Annotated[Line, Field(max_length=40)] = ""
    variables: Annotated[dict[VariableName, Annotated[str, Field(max_length=500)]], Field(max_length=50)] = Field(
        default_factory=dict
    )
    at: Moment | None = Field(default=None, description="The moment of the call, for `hours`; None: now.")
    real_hours: bool = Field(default=True, description="Answer `hours` from the calendar; else wait for `hours_are`.")
    events: Annotated[list[TimedEvent], Field(max_length=MAX_EVENTS)] = Field(default_factory=list)


class SimulationStep(BaseModel):
    """What one event caused. `node_id` is where the flow stands afterwards."""

    event: Event
    commands: list[Command]
    node_id: str | None
    ignored: bool = Field(default=False, description="It answered nothing that was waited for.")


class SimulationOut(BaseModel):
    steps: list[SimulationStep]
    waiting: list[Command] = Field(description="Commands that wait for their answer.")
    variables: dict[str, Any]
    language: str
    path: list[str] = Field(description="Ids of the nodes in the order in which they were entered.")
    flow_id: UUID | None = Field(description="The sub-flow in which it stands; None: the flow itself.")
    ended: str | None = Field(description="Why the call was ended: `flow`, `caller`, `time`, `steps`, `nowhere` ...")


# Prompts


class PromptIn(Form):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "project_id": "01890a5d-ac96-774b-bcce-b302099a8057",
                    "name": "Greeting",
                    "texts": {"en": "Good day.", "ro": "Bună ziua."},
                }
            ]
        }
    )

    project_id: UUID
    name: Name
    note: Note = ""
    texts: Texts = Field(default_factory=dict)
    replaces: SentenceName | None = Field(
        default=None, description="A sentence of the system that this prompt is said instead of, in its project."
    )


class PromptChange(Change):
    name: Name = unsent()
    note: Note = unsent()
    texts: Texts = unsent()
    replaces: SentenceName | None = unsent()


class PromptSoundOut(Shown):
    """An uploaded sound; it is played instead of the text in its language."""

    language: str
    file_name: str
    seconds: float
    uploaded_at: datetime


class PromptOut(Shown):
    id: UUID
    project_id: UUID
    name: str
    note: str
    texts: dict[str, str]
    replaces: str | None
    sounds: list[PromptSoundOut]
    missing: list[str] = Field(description="Languages of the project with neither text nor sound.")
    changed_at: datetime
    version: int


class SentenceOut(BaseModel):
    """A sentence of the system."""

    name: str
    texts: dict[str, str]
    replaceable: bool = Field(description="A project's prompt may stand for it; sentences with numbers may not.")


class SpeechIn(Form):
    """Text to listen to."""

    text: PromptText
    language: LanguageCode


# Numbers


class NumberFlowIn(Form):
    flow_id: UUID | None


class NumberFlowOut(BaseModel):
    number_id: UUID
    project_id: UUID
    e164: str
    label: str
    flow_id: UUID | None
    flow_name: str | None
    published: int | None = Field(description="Version of the flow that calls run; None: none yet, calls are refused.")


# Messages


class VoicemailOut(Shown):
    id: UUID
    project_id: UUID
    box: str
    interaction_id: UUID
    recording_id: UUID | None
    language: str
    seconds: float
    left_at: datetime
    heard_at: datetime | None
    heard_by: UUID | None


class VoicemailChange(Change):
    heard: bool = unsent()
