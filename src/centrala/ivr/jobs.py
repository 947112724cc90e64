"""What the worker does for flows: speaks texts ahead, so that no caller waits for a voice.

A text that is spoken already is not spoken again; what fails is spoken when a caller needs it.
"""

import asyncio
import functools
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final
from uuid import UUID

from procrastinate import JobContext
from sqlalchemy import select

from centrala.ivr.errors import NoVoice
from centrala.ivr.machine.definition import FlowDefinition
from centrala.ivr.models import Flow, Prompt
from centrala.ivr.sentences import REPLACEABLE, SENTENCES
from centrala.ivr.service.ahead import texts_of
from centrala.ivr.service.reach import definition_of, draft_of, published_versions
from centrala.ivr.service.voice import Voice, forget_passing, forget_unused, speech_folder
from centrala.ivr.speech import VOICES, VoiceAway
from centrala.kit import jobs
from centrala.kit.access import Wall
from centrala.kit.ids import ProjectId
from centrala.kit.logging import get_logger
from centrala.kit.settings import Folders
from centrala.kit.work import work

log = get_logger(__name__)

MAX_TEXTS: Final = 5_000  # of one job


@functools.lru_cache(maxsize=4)
def _voice(folder: Path) -> Voice:
    """One voice a process: the library behind it is one as well."""
    return Voice(folder)


def voice_of(context: JobContext) -> Voice:
    files = Folders(data=jobs.data_folder_of(context)).files
    return _voice(speech_folder(files))


@jobs.app.task(name="ivr.render_flow", retry=jobs.RETRY, pass_context=True)
async def render_flow(context: JobContext, *, flow_id: str, project_id: str) -> None:
    """Speak the texts of a flow's draft and of its published version, and what the system says in any flow."""
    async with work(jobs.database_of(context), _behind(project_id)) as unit:
        flow = await unit.session.get(Flow, UUID(flow_id))
        if flow is None:
            return
        version = (await published_versions(unit, [flow])).get(flow.id)
        drawn: list[FlowDefinition] = [draft_of(flow), *([definition_of(version)] if version else [])]
    await _speak(voice_of(context), (*_sentences(), *(text for one in drawn for text in texts_of(one))))


@jobs.app.task(name="ivr.render_prompt", retry=jobs.RETRY, pass_context=True)
async def render_prompt(context: JobContext, *, prompt_id: str, project_id: str) -> None:
    """Speak the texts of a prompt."""
    async with work(jobs.database_of(context), _behind(project_id)) as unit:
        texts = await unit.session.scalar(select(Prompt.texts).where(Prompt.id == UUID(prompt_id)))
    await _speak(voice_of(context), ((text, language) for language, text in (texts or {}).items()))


@jobs.app.periodic(cron="10 4 * * *")
@jobs.app.task(name="ivr.forget_unused_sounds", pass_context=True)
async def forget_unused_sounds(context: JobContext, timestamp: int) -> None:  # noqa: ARG001 - given by the library
    """Each night: remove sounds that nobody has needed for long."""
    folder = voice_of(context).folder
    await asyncio.to_thread(forget_passing, folder)
    removed = await asyncio.to_thread(forget_unused, folder)
    log.info("Sounds that nobody needs were removed.", removed=removed)


def _sentences() -> Iterator[tuple[str, str]]:
    """What the system says by itself, as far as it holds no numbers."""
    for name in sorted(REPLACEABLE):
        for language, text in SENTENCES[name].items():
            yield text, language


async def _speak(voice: Voice, texts: Iterable[tuple[str, str]]) -> None:
    spoken = 0
    for text, language in texts:
        if spoken >= MAX_TEXTS or not text.strip() or language not in VOICES:
            continue
        try:
            await voice.text(text, language)
        except (NoVoice, VoiceAway, OSError) as error:
            log.warning("A text could not be spoken ahead.", language=language, reason=type(error).__name__)
            return
        spoken += 1


def _behind(project_id: str) -> Wall:
    return Wall(projects=frozenset({ProjectId(UUID(project_id))}))
