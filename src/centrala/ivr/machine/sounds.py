"""What is said, in the language of the call."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import time

from centrala.ivr import spoken
from centrala.ivr.machine import commands as c
from centrala.ivr.machine import definition as d
from centrala.ivr.machine.values import Scalar, Variables, as_date, as_number, as_text, filled


@dataclass(frozen=True, slots=True)
class Saying:
    """Makes sounds of prompts. `languages` are the project's, for texts that are not there in the call's."""

    language: str
    languages: Sequence[str]
    variables: Variables

    def prompt(self, prompt: Sequence[d.Piece]) -> list[c.Sound]:
        sounds = [self._piece(piece) for piece in prompt]
        return [sound for sound in sounds if sound is not None]

    def prompt_or(self, prompt: Sequence[d.Piece], *names: str) -> list[c.Sound]:
        """The prompt, or sentences of the system where there is none."""
        return self.prompt(prompt) or [self.sentence(name) for name in names]

    def sentence(self, name: str, **values: str | float) -> c.Sound:
        return c.SentenceSound(name=name, language=self.language, values=values)

    def _piece(self, piece: d.Piece) -> c.Sound | None:
        match piece:
            case d.TextPiece():
                return self._text(piece)
            case d.PromptPiece():
                known = piece.prompt_id
                return None if known is None else c.LibrarySound(prompt_id=known, language=self.language)
            case d.PausePiece():
                return c.SilentSound(ms=piece.ms)
            case d.ValuePiece():
                text = pronounced(self.variables.get(piece.variable), piece.spoken_as, self.language)
                return c.SpokenSound(text=text, language=spoken.known(self.language), passing=True) if text else None

    def _text(self, piece: d.TextPiece) -> c.Sound | None:
        """In the call's language, else in the first of the project's: better a foreign word than silence."""
        for language in (self.language, *self.languages, *piece.text):
            written = piece.text.get(language, "").strip()
            text = filled(written, self.variables).strip()
            if text:
                return c.SpokenSound(text=text, language=language, passing=text != written)
        return None


def pronounced(value: Scalar, how: d.SpokenAs, language: str) -> str:
    """Words for a value; empty when it can not be said so."""
    text = as_text(value)
    match how:
        case d.SpokenAs.DIGITS:
            return spoken.digits(text, language)
        case d.SpokenAs.DATE:
            day = as_date(value)
            return spoken.day(day, language) if day else ""
        case d.SpokenAs.TIME:
            clock = _clock(text)
            return spoken.clock(clock, language) if clock else ""
        case d.SpokenAs.NUMBER | d.SpokenAs.MINUTES:
            return _number(as_number(value), how, text, language)
        case _:
            return text


def _number(number: float | None, how: d.SpokenAs, text: str, language: str) -> str:
    if number is None:
        return ""
    if how is d.SpokenAs.MINUTES:
        return spoken.minutes(round(number), language)
    return spoken.number(round(number), language) if number == round(number) else text


def _clock(text: str) -> time | None:
    try:
        return time.fromisoformat(text.strip()[:5])
    except ValueError:
        return None
