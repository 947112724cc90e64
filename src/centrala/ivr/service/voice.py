"""Turns what is to be said into sound files: spoken once, kept by the hash of text and voice, played from then on.

The files are a cache that any node makes anew. Who plays gets paths, and waits for a voice only the first time that a
text is said; `ivr.jobs` speaks texts ahead as soon as they are written.
"""

import asyncio
import contextlib
import hashlib
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from time import monotonic, time
from typing import Final
from uuid import UUID

from fastapi import FastAPI
from sqlalchemy import select

from centrala.ivr.errors import NothingToHear, NoVoice
from centrala.ivr.machine import commands as c
from centrala.ivr.models import Prompt, PromptSound
from centrala.ivr.service.library import Library, Text, Uploaded, read_library
from centrala.ivr.sound import beep, silence
from centrala.ivr.speech import VOICES, Espeak, Speaker, VoiceAway
from centrala.ivr.spoken import known, queue_sentences, sentence
from centrala.kit.access import Wall
from centrala.kit.database import Database
from centrala.kit.errors import NotFound
from centrala.kit.ids import ProjectId
from centrala.kit.logging import get_logger
from centrala.kit.work import Work
from centrala.projects.service.sight import Project

log = get_logger(__name__)

LIBRARY_AGE: Final = 5.0  # seconds for which a project's prompts are remembered: a call says many in a row
USED_AFRESH: Final = 86_400.0  # seconds after which a use of a sound is written down again
UNUSED_DAYS: Final = 30  # after which a sound is removed; whoever says its text again has it spoken anew
PASSING: Final = "passing"
PASSING_SECONDS: Final = 600.0  # for which a sound about a caller is kept: it is played at once
MAX_LIBRARIES: Final = 500  # projects whose prompts are remembered

UNSAID: Final = (NoVoice, VoiceAway, OSError)
"""Why something stays unsaid: no voice for the language, no library, a full disk. None of them ends a call."""


class Voice:
    """Sound files of one process, in `folder`."""

    def __init__(self, folder: Path, speaker: Speaker | None = None) -> None:
        self.folder = folder
        self._speaker = speaker or Espeak()
        self._under_way: dict[Path, asyncio.Task[Path]] = {}
        self._libraries: dict[UUID, tuple[float, Library]] = {}

    async def paths(self, database: Database, project_id: UUID, sounds: Sequence[c.Sound]) -> list[Path]:
        """Files for what a command says. What cannot be said is left out and logged: a call goes on without it."""
        library = Library()
        if any(isinstance(sound, c.LibrarySound | c.SentenceSound) for sound in sounds):
            library = await self._library(database, project_id)
        found = []
        for sound in sounds:
            try:
                path = await self._path(database, project_id, library, sound)
            except UNSAID as error:
                log.warning("Something could not be said.", kind=sound.kind, reason=type(error).__name__)
            else:
                found += [path] if path else []
        return found

    async def announcement(self, language: str, *, position: int | None, wait_seconds: float | None) -> list[Path]:
        """Files that tell a place in a queue (from 1) and the expected wait; None: not told."""
        found = []
        for name, values in queue_sentences(position, wait_seconds):
            try:
                found.append(await self.text(sentence(name, language, values), known(language)))
            except UNSAID as error:
                log.warning("Something could not be said.", kind=name, reason=type(error).__name__)
        return found

    async def text(self, text: str, language: str, *, passing: bool = False) -> Path:
        """A file that says the text; one that may be about a person goes soon. Raises `NoVoice`, `VoiceAway`."""
        if language not in VOICES:
            raise NoVoice(extra={"language": language})
        digest = hashlib.sha256(f"{self._speaker.key(language)}\0{text}".encode()).hexdigest()
        if passing:
            await asyncio.to_thread(forget_passing, self.folder)
            digest = f"{PASSING}/{digest}"
        return await self._kept(digest, lambda: self._speaker.speak(text, language))

    async def speak(self, text: str, language: str) -> bytes:
        """A text as a WAV file that is not kept: somebody listens while they write. Raises `NoVoice`."""
        return await asyncio.to_thread(self._speaker.speak, text, language)

    async def hear(self, work: Work, prompt_id: UUID, language: str) -> bytes:
        """A prompt of the library as a WAV file. Raises `NothingToHear`, `NoVoice`."""
        prompt = await work.session.get(Prompt, prompt_id)
        if prompt is None:
            raise NotFound
        uploaded = select(PromptSound.wav).where(PromptSound.prompt_id == prompt_id, PromptSound.language == language)
        wav = await work.session.scalar(uploaded)
        if wav is not None:
            return wav
        if not prompt.texts.get(language):
            raise NothingToHear
        return await self.speak(prompt.texts[language], language)

    async def _path(self, database: Database, project_id: UUID, library: Library, sound: c.Sound) -> Path | None:
        said: Text | Uploaded | None = None
        match sound:
            case c.SpokenSound():
                return (
                    await self.text(sound.text, sound.language, passing=sound.passing) if sound.text.strip() else None
                )
            case c.SentenceSound() if sound.name not in library.sentences:
                text = sentence(sound.name, sound.language, sound.values)
                return await self.text(text, known(sound.language), passing="digits" in sound.values)
            case c.SentenceSound():
                said = library.best(library.sentences[sound.name], sound.language)
            case c.LibrarySound():
                said = library.best(library.prompts.get(sound.prompt_id, {}), sound.language)
            case c.SilentSound():
                return await self._kept(f"silence-{sound.ms}", lambda: silence(sound.ms))
            case c.BeepSound():
                return await self._kept("beep", beep)
        if isinstance(said, Uploaded):
            return await self._uploaded(database, project_id, said)
        return await self.text(said.text, said.language) if isinstance(said, Text) else None

    async def _library(self, database: Database, project_id: UUID) -> Library:
        at, library = self._libraries.get(project_id, (0.0, None))
        if library is not None and monotonic() - at < LIBRARY_AGE:
            return library
        async with database.begin(Wall(projects=frozenset({ProjectId(project_id)}))) as session:
            languages = await session.scalar(select(Project.languages).where(Project.id == project_id))
            library = await read_library(session, project_id, tuple(languages or ()))
        if len(self._libraries) >= MAX_LIBRARIES:
            self._libraries.clear()
        self._libraries[project_id] = (monotonic(), library)
        return library

    async def _uploaded(self, database: Database, project_id: UUID, said: Uploaded) -> Path | None:
        path = self.folder / f"{said.digest}.wav"
        if _is_there(path):
            return path
        async with database.begin(Wall(projects=frozenset({ProjectId(project_id)}))) as session:
            wav = await session.scalar(select(PromptSound.wav).where(PromptSound.id == said.sound_id))
        return None if wav is None else await self._kept(said.digest, lambda: wav)

    async def _kept(self, name: str, make: Callable[[], bytes]) -> Path:
        """The file of that name; made, once, in a thread, when it is not there."""
        path = self.folder / f"{name}.wav"
        if _is_there(path):
            return path
        task = self._under_way.get(path)
        if task is None:
            task = asyncio.create_task(asyncio.to_thread(_write, path, make))
            self._under_way[path] = task
            task.add_done_callback(lambda _: self._under_way.pop(path, None))
        return await asyncio.shield(task)  # who gives up waiting does not take the file from the others


def _is_there(path: Path) -> bool:
    """Whether the file is kept; one that is used is not among those that nobody has needed for long."""
    try:
        used = path.stat().st_mtime
    except FileNotFoundError:
        return False
    if time() - used > USED_AFRESH:
        path.touch()
    return True


def forget_unused(folder: Path) -> int:
    """Remove sounds that nobody has needed for `UNUSED_DAYS`, as those of texts long changed; returns how many."""
    oldest = time() - UNUSED_DAYS * 86_400
    gone = [path for path in folder.glob("*") if path.is_file() and path.stat().st_mtime < oldest]
    for path in gone:
        path.unlink(missing_ok=True)
    return len(gone)


def forget_passing(folder: Path) -> None:
    """Remove sounds that were about a caller whose call is long over."""
    oldest = time() - PASSING_SECONDS
    for path in (folder / PASSING).glob("*"):
        with contextlib.suppress(FileNotFoundError):  # somebody else was faster
            if path.stat().st_mtime < oldest:
                path.unlink()


def _write(path: Path, make: Callable[[], bytes]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    # Worker and app may make the same file at once: each its own, and the last one in place is as good as the first.
    fresh = path.with_suffix(f".{os.getpid()}.new")
    fresh.write_bytes(make())
    fresh.replace(path)
    return path


def voice_of(app: FastAPI) -> Voice:
    """The voice of an app's process."""
    folder = speech_folder(app.state.settings.folders.files)
    voice: Voice | None = getattr(app.state, "voice", None)
    if voice is None or voice.folder != folder:
        voice = app.state.voice = Voice(folder)
    return voice


def speech_folder(files: Path) -> Path:
    return files / "speech"
