"""A voice for texts: espeak-ng (GPL-3.0-or-later, a library of its own) through ctypes.

Theory of operation. The library keeps one voice and one text in global variables, so one lock lets one text in at a
time; ctypes gives the interpreter's lock back while it works. Text goes in as UTF-8, samples come by a callback, whose
1 ends a speech that is too long. A sentence takes 3 to 20 ms. A neural voice goes in the same place: a `Speaker`.
"""

import ctypes
import threading
from array import array
from collections.abc import Mapping
from typing import Any, Final, Protocol

from centrala.ivr.errors import NoVoice
from centrala.ivr.sound import wav_of

MAX_SPOKEN: Final = 120  # seconds of one text; a longer one is cut
WORDS_A_MINUTE: Final = 150  # the library's own 175 is hard to follow over a telephone
VOICES: Final[Mapping[str, str]] = {"en": "en", "ru": "ru", "ro": "ro"}
"""The library's voice for each language that prompts are written in."""

_SYNCHRONOUS: Final = 2  # espeak_AUDIO_OUTPUT: samples to the callback, the call returns when all are there
_DO_NOT_EXIT: Final = 0x8000
_UTF8: Final = 1
_RATE, _VOLUME, _PITCH = 1, 2, 3  # espeak_PARAMETER
_CALLBACK: Final = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p)
_OK: Final = 0


class VoiceAway(RuntimeError):
    """The library is not there or does not work: prompts that were not spoken yet stay silent."""


class Speaker(Protocol):
    """Speaks text. `key` names voice and manner: sound kept under another key is not the same."""

    def key(self, language: str) -> str: ...

    def speak(self, text: str, language: str) -> bytes:
        """A WAV file. Takes CPU: not for the event loop. Raises `NoVoice`, `VoiceAway`."""
        ...


class Espeak:
    """The speaker that needs nothing but a wheel. All of a process share the one library, and its lock."""

    def key(self, language: str) -> str:
        return f"espeak-ng:{VOICES.get(language)}:{WORDS_A_MINUTE}"

    def speak(self, text: str, language: str) -> bytes:
        """A WAV file of the library's own 22.05 kHz."""
        voice = VOICES.get(language)
        if voice is None:
            raise NoVoice(extra={"language": language})
        return wav_of(*_LIBRARY.samples(text, voice))


class _Library:
    """espeak-ng of this process: initialised once, one text at a time, its callback kept for ever.

    A second initialisation, or a callback that has been collected, would end the process.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._loaded: Any = None
        self._own_rate = 0
        self._heard = array("h")
        self._callback = _CALLBACK(self._hear)

    def samples(self, text: str, voice: str) -> "tuple[array[int], int]":
        """What was spoken, and its rate in Hz."""
        with self._lock:
            if self._loaded is None:
                self._load()
            return self._spoken(text, voice), self._own_rate

    def _load(self) -> None:
        import espeakng_loader  # type: ignore[import-untyped]  # noqa: PLC0415 - the package has no types; needed late

        try:
            library = ctypes.CDLL(espeakng_loader.get_library_path())
        except OSError as error:
            raise VoiceAway(str(error)) from error
        # A path that the library cannot find makes it fall back on the system's data, or fail.
        data = espeakng_loader.get_data_path().encode()
        rate = library.espeak_Initialize(_SYNCHRONOUS, 0, data, _DO_NOT_EXIT)
        if rate <= 0:
            raise VoiceAway("espeak-ng cannot be initialised")
        library.espeak_SetSynthCallback(self._callback)
        library.espeak_Synth.argtypes = [
            ctypes.c_char_p, ctypes.c_size_t, ctypes.c_uint, ctypes.c_int,
            ctypes.c_uint, ctypes.c_uint, ctypes.c_void_p, ctypes.c_void_p,
        ]  # fmt: skip
        self._loaded, self._own_rate = library, rate

    def _spoken(self, text: str, voice: str) -> "array[int]":
        library = self._loaded
        if library.espeak_SetVoiceByName(voice.encode()) != _OK:
            raise NoVoice(extra={"voice": voice})
        library.espeak_SetParameter(_RATE, WORDS_A_MINUTE, 0)
        self._heard = array("h")
        encoded = text.replace("\0", " ").encode() + b"\0"
        if library.espeak_Synth(encoded, len(encoded), 0, 0, 0, _UTF8, None, None) != _OK:
            raise VoiceAway("espeak-ng cannot speak")
        library.espeak_Synchronize()
        return self._heard

    def _hear(self, samples: Any, count: int, _events: int | None) -> int:
        if samples and count > 0:
            self._heard.frombytes(ctypes.string_at(samples, count * 2))
        return int(len(self._heard) > MAX_SPOKEN * self._own_rate)  # 1: enough


_LIBRARY: Final = _Library()
