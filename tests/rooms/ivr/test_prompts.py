"""Prompts: texts, uploaded sounds, what is heard in the end."""

import io
import os
import wave
from array import array
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx

from centrala.ivr.machine import commands as c
from centrala.ivr.service import Voice
from centrala.ivr.service.voice import PASSING_SECONDS, UNUSED_DAYS, forget_passing, forget_unused
from centrala.ivr.sound import wav_of
from centrala.kit.database import Database
from support.drawn import at

ClientAs = Callable[..., Awaitable[httpx.AsyncClient]]
Make = Callable[..., Awaitable[dict[str, Any]]]
Trail = Callable[[], Awaitable[list[tuple[str, dict[str, Any]]]]]

SOUND = wav_of(array("h", [1_000, -1_000] * 4_000), 8_000)


class Counted:
    """A speaker that remembers what it was asked to say."""

    def __init__(self) -> None:
        self.said: list[tuple[str, str]] = []

    def key(self, language: str) -> str:
        return f"counted:{language}"

    def speak(self, text: str, language: str) -> bytes:
        self.said.append((text, language))
        return wav_of(array("h", [len(text)] * 800), 8_000)


async def test_a_prompt_tells_which_languages_are_missing(
    supervisor: httpx.AsyncClient, make_prompt: Make, trail: Trail
) -> None:
    prompt = await make_prompt()
    assert prompt["missing"] == ["en"], "the project speaks English"
    address = f"/api/prompts/{prompt['id']}"
    changed = await supervisor.patch(address, json={"texts": {"en": "Good day."}}, headers=at(1))
    assert (changed.json()["missing"], changed.json()["version"]) == ([], 2)
    assert (await trail())[-1] == ("prompt.changed", {"fields": ["texts"]})
    late = await supervisor.patch(address, json={"note": "x"}, headers=at(1))
    assert late.status_code == 412


async def test_a_text_is_heard_in_the_voice_of_its_language(supervisor: httpx.AsyncClient, make_prompt: Make) -> None:
    prompt = await make_prompt()
    heard = await supervisor.get(f"/api/prompts/{prompt['id']}/audio", params={"language": "ro"})
    assert heard.headers["Content-Type"] == "audio/wav"
    with wave.open(io.BytesIO(heard.content)) as file:
        assert 0.3 < file.getnframes() / file.getframerate() < 3
    silent = await supervisor.get(f"/api/prompts/{prompt['id']}/audio", params={"language": "ru"})
    assert (silent.status_code, silent.json()["code"]) == (409, "ivr.nothing_to_hear")


async def test_an_uploaded_sound_is_heard_instead_of_the_text_and_can_be_taken_away(
    supervisor: httpx.AsyncClient, make_prompt: Make, trail: Trail
) -> None:
    prompt = await make_prompt()
    address = f"/api/prompts/{prompt['id']}"
    query = {"language": "ro", "file_name": "hello.wav"}
    up = await supervisor.put(f"{address}/sound", params=query, content=SOUND, headers=at(1))
    assert up.status_code == 200, up.text
    [sound] = up.json()["sounds"]
    assert (sound["file_name"], sound["seconds"], up.json()["version"]) == ("hello.wav", 1.0, 2)
    assert (await trail())[-1] == ("prompt.sound_uploaded", {"language": "ro", "seconds": 1.0})
    assert (await supervisor.get(f"{address}/audio", params={"language": "ro"})).content == SOUND
    down = await supervisor.delete(f"{address}/sound", params={"language": "ro"}, headers=at(2))
    assert down.json()["sounds"] == []
    assert (await supervisor.get(f"{address}/audio", params={"language": "ro"})).content != SOUND
    assert (await supervisor.delete(f"{address}/sound", params={"language": "ro"}, headers=at(3))).status_code == 404


async def test_what_is_no_sound_is_refused(supervisor: httpx.AsyncClient, make_prompt: Make) -> None:
    prompt = await make_prompt()
    address = f"/api/prompts/{prompt['id']}/sound"
    answer = await supervisor.put(address, params={"language": "ro"}, content=b"MZ" * 100, headers=at(1))
    assert (answer.status_code, answer.json()["code"], answer.json()["reason"]) == (422, "ivr.bad_sound", "no_wav")


async def test_a_prompt_that_a_flow_says_is_not_removed(
    supervisor: httpx.AsyncClient, make_prompt: Make, make_flow: Make
) -> None:
    prompt = await make_prompt()
    said = {"nodes": [{"id": "s", "kind": "say", "prompt": [{"kind": "prompt", "prompt_id": prompt["id"]}]}]}
    flow = await make_flow(definition=said)
    address = f"/api/prompts/{prompt['id']}"
    refused = await supervisor.delete(address, headers=at(1))
    assert (refused.json()["code"], refused.json()["flows"]) == ("ivr.prompt_in_use", ["Support line"])
    await supervisor.put(f"/api/flows/{flow['id']}/draft", json={"definition": {}}, headers=at(1))
    assert (await supervisor.delete(address, headers=at(1))).status_code == 204
    assert (await supervisor.get(address)).status_code == 404


async def test_sentences_of_the_system_can_be_replaced_unless_they_hold_numbers(
    supervisor: httpx.AsyncClient, make_prompt: Make, project: UUID
) -> None:
    sentences = {one["name"]: one["replaceable"] for one in (await supervisor.get("/api/prompts/sentences")).json()}
    assert (sentences["closed"], sentences["position"]) == (True, False)
    await make_prompt(replaces="closed")
    form = {"project_id": str(project), "name": "Other", "replaces": "closed"}
    twice = await supervisor.post("/api/prompts", json=form)
    assert twice.json()["code"] == "ivr.sentence_replaced_already"
    numbers = await supervisor.post("/api/prompts", json={**form, "replaces": "position"})
    assert numbers.json()["errors"][0]["code"] == "unknown_reference"


async def test_a_text_is_spoken_for_whoever_writes_it(supervisor: httpx.AsyncClient) -> None:
    spoken = await supervisor.post("/api/prompts/speak", json={"text": "Bună ziua", "language": "ro"})
    assert spoken.content[:4] == b"RIFF"
    unknown = await supervisor.post("/api/prompts/speak", json={"text": "Guten Tag", "language": "de"})
    assert (unknown.status_code, unknown.json()["code"]) == (422, "ivr.no_voice")


# Files for calls


async def test_a_text_is_spoken_once_and_kept(tmp_path: Path, database: Database) -> None:
    speaker = Counted()
    voice = Voice(tmp_path, speaker)
    sounds: list[c.Sound] = [c.SpokenSound(text="Hello", language="en"), c.SilentSound(ms=200), c.BeepSound()]
    first = await voice.paths(database, uuid4(), sounds)
    assert [path.exists() for path in first] == [True, True, True]
    assert await voice.paths(database, uuid4(), sounds) == first
    assert await Voice(tmp_path, speaker).paths(database, uuid4(), sounds) == first, "another process finds the files"
    assert speaker.said == [("Hello", "en")]


async def test_what_cannot_be_said_is_left_out(voice: Voice, database: Database) -> None:
    sounds: list[c.Sound] = [
        c.SpokenSound(text="Guten Tag", language="de"),
        c.LibrarySound(prompt_id=uuid4(), language="en"),
        c.SpokenSound(text="Hello", language="en"),
    ]
    assert len(await voice.paths(database, uuid4(), sounds)) == 1


async def test_a_full_disk_silences_but_does_not_end_a_call(tmp_path: Path, database: Database) -> None:
    class Full(Counted):
        def speak(self, text: str, language: str) -> bytes:
            raise OSError(28, f"No space left for {text} in {language}")

    voice = Voice(tmp_path, Full())
    assert await voice.paths(database, uuid4(), [c.SpokenSound(text="Hello", language="en")]) == []
    assert await voice.announcement("en", position=2, wait_seconds=None) == []


async def test_a_call_hears_the_projects_own_words_and_recordings(
    supervisor: httpx.AsyncClient, make_prompt: Make, project: UUID, tmp_path: Path, database: Database
) -> None:
    await make_prompt(replaces="closed", texts={"en": "We sleep."})
    greeting = await make_prompt(name="Hello", texts={"ro": "Bună"})
    upload = f"/api/prompts/{greeting['id']}/sound"
    await supervisor.put(upload, params={"language": "en"}, content=SOUND, headers=at(1))
    speaker = Counted()
    voice = Voice(tmp_path, speaker)
    sounds: list[c.Sound] = [
        c.SentenceSound(name="closed", language="ro"),
        c.SentenceSound(name="goodbye", language="ru"),
        c.LibrarySound(prompt_id=UUID(greeting["id"]), language="en"),
        c.LibrarySound(prompt_id=UUID(greeting["id"]), language="ro"),
    ]
    paths = await voice.paths(database, project, sounds)
    assert paths[2].read_bytes() == SOUND
    assert speaker.said == [("We sleep.", "en"), ("Спасибо за звонок. До свидания.", "ru"), ("Bună", "ro")]


async def test_a_place_in_a_queue_is_told_in_the_callers_language(tmp_path: Path) -> None:
    speaker = Counted()
    await Voice(tmp_path, speaker).announcement("ru", position=3, wait_seconds=170)
    assert speaker.said == [
        ("Ваш номер в очереди: три.", "ru"),
        ("Примерное время ожидания: три минуты.", "ru"),
    ]


async def test_what_is_about_a_caller_is_gone_soon_and_the_rest_when_nobody_needs_it(
    tmp_path: Path, database: Database
) -> None:
    voice = Voice(tmp_path, Counted())
    sounds: list[c.Sound] = [
        c.SpokenSound(text="Good day, Ana", language="en", passing=True),
        c.SentenceSound(name="read_back", language="en", values={"digits": "4095"}),
        c.SpokenSound(text="Good day", language="en"),
        c.SpokenSound(text="Old words", language="en"),
    ]
    about, digits, text, old = await voice.paths(database, uuid4(), sounds)
    age(about, digits, seconds=PASSING_SECONDS + 1)
    age(text, old, seconds=UNUSED_DAYS * 86_400 + 1)
    await voice.text("Good day", "en")
    forget_passing(tmp_path)
    assert forget_unused(tmp_path) == 1
    assert [there(path) for path in (about, digits, text, old)] == [False, False, True, False]


def age(*paths: Path, seconds: float) -> None:
    """Make files so old."""
    for path in paths:
        moment = path.stat().st_mtime - seconds
        os.utime(path, (moment, moment))


def there(path: Path) -> bool:
    return path.exists()
