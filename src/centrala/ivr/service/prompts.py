"""The library of prompts: texts by language, and sounds that somebody uploaded."""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select

from centrala.ivr.errors import PromptInUse, PromptNameTaken, SentenceReplacedAlready
from centrala.ivr.events import prompt_changed
from centrala.ivr.machine.walk import prompts_of
from centrala.ivr.models import Flow, Prompt, PromptSound
from centrala.ivr.schemas import PromptChange, PromptIn, PromptOut, PromptSoundOut, SentenceOut
from centrala.ivr.sentences import REPLACEABLE, SENTENCES
from centrala.ivr.service.reach import definition_of as of_version
from centrala.ivr.service.reach import draft_of, hold_prompt, published_versions
from centrala.ivr.sound import checked_wav
from centrala.kit.errors import InvalidField, NotFound
from centrala.kit.http import same_version
from centrala.kit.ids import new_id
from centrala.kit.listing import ListQuery, Page, Sorts, fetch
from centrala.kit.search import folded, matches
from centrala.kit.verbs import assign, refusing
from centrala.kit.work import Work
from centrala.projects.service.projects import reach_active_project
from centrala.projects.service.sight import Project

SORTS: Final[Sorts] = {"name": folded(Prompt.name), "changed_at": Prompt.changed_at}
_TAKEN: Final = {
    "uq_prompts_project_id_name": PromptNameTaken,
    "uq_prompts_project_id_replaces": SentenceReplacedAlready,
}


async def list_prompts(work: Work, query: ListQuery, *, project_id: UUID | None = None) -> Page[PromptOut]:
    statement = select(Prompt)
    if project_id is not None:
        statement = statement.where(Prompt.project_id == project_id)
    if query.q:
        statement = statement.where(matches(query.q, Prompt.name, Prompt.note))
    found = await fetch(work.session, statement, query, SORTS, Prompt.id)
    items = await show_prompts(work, found.rows)
    return Page(items=items, total=found.total, page=query.page, page_size=query.page_size)


def list_sentences() -> list[SentenceOut]:
    """What the system says by itself."""
    return [
        SentenceOut(name=name, texts=dict(texts), replaceable=name in REPLACEABLE)
        for name, texts in sorted(SENTENCES.items())
    ]


async def read_prompt(work: Work, prompt_id: UUID) -> PromptOut:
    return await show_prompt(work, await _reach(work, prompt_id))


async def create_prompt(work: Work, form: PromptIn) -> PromptOut:
    await reach_active_project(work, form.project_id, field="project_id")
    _check_replaces(form.replaces)
    prompt = Prompt(id=new_id(), changed_at=work.now, **form.model_dump())
    async with refusing(work, _TAKEN):
        work.session.add(prompt)
    work.trace("prompt.created", "prompt", prompt.id, project_id=prompt.project_id)
    _told(work, prompt)
    return await show_prompt(work, prompt)


async def change_prompt(work: Work, prompt_id: UUID, form: PromptChange, *, read: int) -> PromptOut:
    prompt = await _held(work, prompt_id, read)
    sent = form.sent()
    _check_replaces(sent.get("replaces"))
    async with refusing(work, _TAKEN):
        changed = assign(prompt, sent)
        if changed:
            _touch(work, prompt, "changed", fields=changed)
    return await show_prompt(work, prompt)


async def remove_prompt(work: Work, prompt_id: UUID, *, read: int) -> None:
    """Refused while a draft or a published version says it; older versions fall silent there."""
    prompt = await _held(work, prompt_id, read)
    names = await _said_by(work, prompt)
    if names:
        raise PromptInUse(extra={"flows": names})
    await work.session.delete(prompt)
    work.trace("prompt.removed", "prompt", prompt.id, project_id=prompt.project_id)
    work.tell(prompt_changed(prompt.id, project_id=prompt.project_id))


async def upload_sound(
    work: Work, prompt_id: UUID, language: str, data: bytes, *, file_name: str, read: int
) -> PromptOut:
    """Put a recording in the place of a text. `data` is a WAV file; it is kept as the engine plays it."""
    prompt = await _held(work, prompt_id, read)
    wav, seconds, digest = checked_wav(data)
    await _drop_sound(work, prompt, language)
    work.session.add(
        PromptSound(
            id=new_id(),
            project_id=prompt.project_id,
            prompt_id=prompt.id,
            language=language,
            file_name=file_name,
            seconds=seconds,
            digest=digest,
            wav=wav,
            uploaded_at=work.now,
        )
    )
    _touch(work, prompt, "sound_uploaded", language=language, seconds=round(seconds, 1))
    await work.session.flush()
    return await show_prompt(work, prompt)


async def remove_sound(work: Work, prompt_id: UUID, language: str, *, read: int) -> PromptOut:
    """The text speaks again."""
    prompt = await _held(work, prompt_id, read)
    if not await _drop_sound(work, prompt, language):
        raise NotFound
    _touch(work, prompt, "sound_removed", language=language)
    return await show_prompt(work, prompt)


async def _drop_sound(work: Work, prompt: Prompt, language: str) -> bool:
    query = select(PromptSound).where(PromptSound.prompt_id == prompt.id, PromptSound.language == language)
    sound = await work.session.scalar(query)
    if sound is None:
        return False
    await work.session.delete(sound)
    await work.session.flush()
    return True


async def show_prompt(work: Work, prompt: Prompt) -> PromptOut:
    [shown] = await show_prompts(work, [prompt])
    return shown


async def show_prompts(work: Work, prompts: Sequence[Prompt]) -> list[PromptOut]:
    query = select(PromptSound).where(PromptSound.prompt_id.in_([prompt.id for prompt in prompts]))
    sounds: dict[UUID, list[PromptSoundOut]] = {}
    for sound in await work.session.scalars(query.order_by(PromptSound.language)):
        sounds.setdefault(sound.prompt_id, []).append(PromptSoundOut.model_validate(sound))
    spoken = select(Project.id, Project.languages).where(Project.id.in_({prompt.project_id for prompt in prompts}))
    languages = {project: known for project, known in (await work.session.execute(spoken)).all()}  # noqa: C416 - rows
    return [
        PromptOut(
            id=prompt.id,
            project_id=prompt.project_id,
            name=prompt.name,
            note=prompt.note,
            texts=prompt.texts,
            replaces=prompt.replaces,
            sounds=sounds.get(prompt.id, []),
            missing=_missing(prompt, sounds.get(prompt.id, []), languages.get(prompt.project_id, [])),
            changed_at=prompt.changed_at,
            version=prompt.version,
        )
        for prompt in prompts
    ]


def _missing(prompt: Prompt, sounds: Sequence[PromptSoundOut], languages: Sequence[str]) -> list[str]:
    there = {sound.language for sound in sounds} | {language for language, text in prompt.texts.items() if text}
    return [language for language in languages if language not in there]


def _check_replaces(name: str | None) -> None:
    if name is not None and name not in REPLACEABLE:
        raise InvalidField("replaces", "unknown_reference", "There is no such sentence, or it holds numbers.")


async def _reach(work: Work, prompt_id: UUID) -> Prompt:
    prompt = await work.session.get(Prompt, prompt_id)
    if prompt is None:
        raise NotFound
    return prompt


async def _held(work: Work, prompt_id: UUID, read: int) -> Prompt:
    prompt = await hold_prompt(work, prompt_id)

    async def current() -> PromptOut:
        return await show_prompt(work, prompt)

    await same_version(prompt, read, current)
    return prompt


async def _said_by(work: Work, prompt: Prompt) -> list[str]:
    """Names of the flows whose draft or published version says the prompt."""
    query = select(Flow).where(Flow.project_id == prompt.project_id, Flow.archived_at.is_(None)).order_by(Flow.name)
    flows = (await work.session.scalars(query)).all()
    versions = await published_versions(work, flows)
    said = {flow.id: prompts_of(draft_of(flow)) for flow in flows}
    for flow_id, version in versions.items():
        said[flow_id] |= prompts_of(of_version(version))
    return [flow.name for flow in flows if prompt.id in said[flow.id]]


def _touch(work: Work, prompt: Prompt, happened: str, **details: Any) -> None:
    prompt.version += 1
    prompt.changed_at = work.now
    work.trace(f"prompt.{happened}", "prompt", prompt.id, project_id=prompt.project_id, **details)
    _told(work, prompt)


def _told(work: Work, prompt: Prompt) -> None:
    work.tell(prompt_changed(prompt.id, project_id=prompt.project_id))
    work.later("ivr.render_prompt", prompt_id=str(prompt.id), project_id=str(prompt.project_id))
