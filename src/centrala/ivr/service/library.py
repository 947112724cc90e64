"""What the prompts of a project are: texts by language, uploaded sounds by hash."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from centrala.ivr.models import Prompt, PromptSound


@dataclass(frozen=True, slots=True)
class Text:
    text: str
    language: str


@dataclass(frozen=True, slots=True)
class Uploaded:
    """A sound whose bytes are in the store; `digest` names its file."""

    sound_id: UUID
    digest: str


@dataclass(slots=True)
class Library:
    """What is said for a prompt, and for a sentence of the system that the project says in its own way."""

    languages: tuple[str, ...] = ()
    prompts: dict[UUID, dict[str, Text | Uploaded]] = field(default_factory=dict)
    sentences: dict[str, dict[str, Text | Uploaded]] = field(default_factory=dict)

    def best(self, said: Mapping[str, Text | Uploaded], language: str) -> Text | Uploaded | None:
        """In the language, else in the first of the project's, else in any: better a foreign word than silence."""
        for one in (language, *self.languages, *said):
            if one in said:
                return said[one]
        return None


async def read_library(session: AsyncSession, project_id: UUID, languages: tuple[str, ...]) -> Library:
    library = Library(languages=languages)
    prompts = (await session.scalars(select(Prompt).where(Prompt.project_id == project_id))).all()
    for prompt in prompts:
        said: dict[str, Text | Uploaded] = {
            language: Text(text, language) for language, text in prompt.texts.items() if text
        }
        library.prompts[prompt.id] = said
        if prompt.replaces is not None:
            library.sentences[prompt.replaces] = said
    query = select(PromptSound.prompt_id, PromptSound.language, PromptSound.id, PromptSound.digest)
    sounds = await session.execute(query.where(PromptSound.project_id == project_id))
    for prompt_id, language, sound_id, digest in sounds.all():
        library.prompts[prompt_id][language] = Uploaded(sound_id, digest)
    return library
