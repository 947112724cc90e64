"""The worker speaks texts before anybody calls."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from centrala.ivr import jobs
from centrala.ivr.machine import commands as c
from centrala.ivr.service import Voice, speech_folder
from centrala.ivr.speech import Espeak
from centrala.kit.database import Database
from centrala.kit.settings import Folders
from support.drawn import at

Make = Callable[..., Awaitable[dict[str, Any]]]


class Silent(Espeak):
    """A voice that is not there any more: what was not spoken ahead stays unsaid."""

    def speak(self, text: str, language: str) -> bytes:
        raise AssertionError(f"{text!r} was not spoken ahead in {language}")


@pytest.fixture
def context(database: Database, tmp_path: Path) -> Any:
    """What the worker gives a job."""
    return SimpleNamespace(additional_context={"database": database, "data_folder": tmp_path})


@pytest.fixture
def spoken(tmp_path: Path) -> Voice:
    return Voice(speech_folder(Folders(data=tmp_path).files), Silent())


async def test_a_flows_texts_and_the_systems_sentences_are_spoken_ahead(
    *, make_flow: Make, supervisor: httpx.AsyncClient, project: UUID, database: Database, context: Any, spoken: Voice
) -> None:
    flow = await make_flow()
    await supervisor.post(f"/api/flows/{flow['id']}/publish", json={}, headers=at(1))
    await jobs.render_flow.func(context, flow_id=flow["id"], project_id=str(project))
    sounds: list[c.Sound] = [
        c.SpokenSound(text="Hello ro", language="ro"),
        c.SpokenSound(text="Hello ru", language="ru"),
        c.SentenceSound(name="closed", language="ru"),
    ]
    assert len(await spoken.paths(database, project, sounds)) == 3


async def test_a_prompts_texts_are_spoken_ahead(
    make_prompt: Make, project: UUID, database: Database, context: Any, spoken: Voice
) -> None:
    prompt = await make_prompt(texts={"ro": "Bună ziua.", "en": "", "de": "Guten Tag"})
    await jobs.render_prompt.func(context, prompt_id=prompt["id"], project_id=str(project))
    sound = c.LibrarySound(prompt_id=UUID(prompt["id"]), language="ro")
    assert len(await spoken.paths(database, project, [sound])) == 1


async def test_what_is_gone_when_its_turn_comes_is_passed_over(project: UUID, context: Any, tmp_path: Path) -> None:
    await jobs.render_flow.func(context, flow_id=str(uuid4()), project_id=str(project))
    await jobs.render_prompt.func(context, prompt_id=str(uuid4()), project_id=str(project))
    assert list(tmp_path.iterdir()) == []  # noqa: ASYNC240 - a folder of the test
