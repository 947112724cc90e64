"""Versions to run: of the number that was called, of a draft on trial, of a call that goes on after a restart."""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import select

from centrala.ivr.machine.definition import FlowDefinition
from centrala.ivr.machine.mechanics import Version
from centrala.ivr.machine.run import Run
from centrala.ivr.machine.values import Scalar
from centrala.ivr.models import Flow, FlowVersion, NumberFlow
from centrala.ivr.service.checking import frame_of
from centrala.ivr.service.reach import draft_of, reach_flow
from centrala.ivr.service.versions import frozen
from centrala.kit.errors import NotFound
from centrala.kit.work import Work
from centrala.projects.service import read_project
from centrala.projects.service.sight import Number

MAX_KEPT: Final = 200  # versions that a process remembers; one takes up to some hundred kilobytes

_kept: OrderedDict[UUID, Version] = OrderedDict()
"""Versions never change, so one that was read once is read for good."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A version to run. `version_id` brings it back after a restart; None: a draft."""

    flow_id: UUID
    version_id: UUID | None
    number: int | None
    version: Version

    def run(self, variables: Mapping[str, Scalar], *, language: str = "") -> Run:
        return Run(self.version, variables, language=language)


async def open_number(work: Work, e164: str) -> Opened | None:
    """What a call to a number begins with; None when the number leads nowhere or its flow was never published."""
    query = (
        select(FlowVersion.id, FlowVersion.flow_id, FlowVersion.number)
        .join(Flow, Flow.id == FlowVersion.flow_id)
        .join(NumberFlow, NumberFlow.flow_id == Flow.id)
        .join(Number, Number.id == NumberFlow.number_id)
        .where(Number.e164 == e164, FlowVersion.number == Flow.published)
    )
    row = (await work.session.execute(query)).one_or_none()
    if row is None:
        return None
    version_id, flow_id, number = row
    return Opened(flow_id, version_id, number, await _version(work, version_id))


async def open_version(work: Work, version_id: UUID) -> Opened:
    """The version that a call ran before a restart."""
    query = select(FlowVersion.flow_id, FlowVersion.number).where(FlowVersion.id == version_id)
    row = (await work.session.execute(query)).one_or_none()
    if row is None:
        raise NotFound
    return Opened(row.flow_id, version_id, row.number, await _version(work, version_id))


async def open_draft(work: Work, flow_id: UUID, definition: FlowDefinition | None = None) -> Opened:
    """A draft as it is stored, or as somebody draws it right now, with the published versions of the flows it runs."""
    flow = await reach_flow(work, flow_id)
    draft = definition or draft_of(flow)
    frame = await frame_of(work, flow.project_id, own=flow.id)
    languages = (await read_project(work, flow.project_id)).languages
    return Opened(flow_id, None, None, Version(draft, tuple(languages), frozen(draft, frame)))


async def _version(work: Work, version_id: UUID) -> Version:
    version = _kept.get(version_id)
    if version is None:
        row = await work.session.get_one(FlowVersion, version_id)
        version = Version.loaded(row.definition, row.subflows, row.languages)
        _kept[version_id] = version
        if len(_kept) > MAX_KEPT:
            _kept.popitem(last=False)
    else:
        _kept.move_to_end(version_id)
    return version
