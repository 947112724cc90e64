"""What is played into legs and calls, and digits: pressed by the peer, collected, sent."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from uuid import UUID

from centrala.telephony.calls.errors import NotNow
from centrala.telephony.calls.events import DigitPressed, PlayEnded
from centrala.telephony.calls.ports import Timer
from centrala.telephony.calls.service.context import Context
from centrala.telephony.calls.state import Call, Leg
from centrala.telephony.media import MediaGone, MediaRefused
from centrala.telephony.media.events import Dtmf, PlayDone, SilenceHeard
from centrala.telephony.media.types import DtmfMethod, PlayName, What
from centrala.telephony.sip.agent.events import DtmfReceived
from centrala.telephony.sip.dtmf import Digit
from centrala.telephony.sip.errors import NotAllowed

MAX_COLLECTED: Final = 64  # digits; a longer burst is a stuck key or an attack
MAX_TYPED_AHEAD: Final = 32  # digits kept for questions to come


class CollectEnd(StrEnum):
    COMPLETE = "complete"  # as many as asked for
    TERMINATOR = "terminator"
    TIMEOUT = "timeout"
    SILENCE = "silence"  # nothing was said for as long as asked for
    GONE = "gone"  # the leg is over


@dataclass(frozen=True, slots=True)
class Collected:
    """The digits without the terminator."""

    digits: str
    end: CollectEnd


@dataclass(slots=True, eq=False)
class Collector:
    """Waits for digits of one leg. Times in seconds: until the first digit, between two.

    `peeks`: its digit only ends a sound, and counts for the next question all the same.
    """

    leg: Leg
    wanted: int
    terminators: str
    first: float
    between: float
    result: asyncio.Future[Collected]
    on_first: Callable[[], None]
    peeks: bool = False
    digits: str = ""
    timer: Timer | None = None

    def press(self, digit: str) -> None:
        if self.result.done():
            return
        if not self.digits:
            self.on_first()
        if digit in self.terminators:
            self.finish(CollectEnd.TERMINATOR)
            return
        self.digits += digit
        if len(self.digits) >= self.wanted:
            self.finish(CollectEnd.COMPLETE)

    def finish(self, end: CollectEnd) -> None:
        if self.timer is not None:
            self.timer.cancel()
        if self.leg.collector is self:
            self.leg.collector = None
        if self.peeks and not self.result.done():
            self.leg.typed = f"{self.digits}{self.leg.typed or ''}"
        if not self.result.done():
            self.result.set_result(Collected(self.digits, end))


class Sounds:
    def __init__(self, context: Context) -> None:
        self._context = context

    # Playing

    async def play(
        self,
        leg: Leg,
        what: What,
        *,
        over: bool = False,
        gain_db: float = 0.0,
        done: Callable[[str], None] | None = None,
    ) -> PlayName:
        """Into one ear; `over` mixes it with the voices. `done` hears the reason of its end. Raises `NotNow`."""
        name = self._name(leg.call, done)
        await self._start(name, self._context.media.play(name, leg.name, what, over=over, gain_db=gain_db))
        return name

    async def play_to_all(
        self, call: Call, what: What, *, over: bool = False, done: Callable[[str], None] | None = None
    ) -> PlayName:
        name = self._name(call, done)
        await self._start(name, self._context.media.play_to_room(name, call.room, what, over=over))
        return name

    def _name(self, call: Call, done: Callable[[str], None] | None) -> PlayName:
        name = PlayName(f"p-{self._context.fresh_id().hex}")
        self._context.plays[name] = (call, done)
        return name

    async def _start(self, name: PlayName, command: object) -> None:
        try:
            await command  # type: ignore[misc]  # a coroutine of any result
        except (MediaRefused, MediaGone) as error:
            self._context.plays.pop(name, None)
            raise NotNow(f"it cannot be played: {getattr(error, 'code', 'the engine is away')}") from error

    async def stop(self, play: PlayName) -> None:
        """No error when it has ended."""
        try:
            await self._context.media.stop_play(play)
        except (MediaRefused, MediaGone):
            self._context.counters["plays_stopped_too_late"] += 1

    def ended(self, event: PlayDone) -> None:
        known = self._context.plays.pop(event.play, None)
        if known is None:
            return
        call, done = known
        if done is not None:
            done(event.reason)
        self._context.emit(PlayEnded(call_id=call.id, at=self._context.clock(), play=event.play, reason=event.reason))

    def leg_over(self, leg: Leg) -> None:
        if isinstance(leg.collector, Collector):
            leg.collector.finish(CollectEnd.GONE)

    def forget(self, call: Call) -> None:
        """The call is over; the engine ends its plays with the room."""
        for name in [name for name, (owner, _) in self._context.plays.items() if owner is call]:
            _, done = self._context.plays.pop(name)
            if done is not None:
                done("leg_closed")

    # Digits that come

    def pressed(self, event: Dtmf) -> None:
        leg = self._context.legs.get(UUID(event.leg)) if len(event.leg) == 32 else None
        if leg is None:
            return
        if event.method == "rfc4733":
            leg.digit_method = event.method
        elif leg.digit_method == "rfc4733":
            return  # the same key is heard in the audio too
        self._digit(leg, event.digit, event.duration_ms, event.method)

    def informed(self, leg: Leg, event: DtmfReceived) -> None:
        """A digit by INFO; phones that send it beside RFC 4733 must not press twice."""
        if leg.digit_method != "rfc4733":
            leg.digit_method = "info"
            self._digit(leg, event.digit, event.duration, "info")

    def _digit(self, leg: Leg, digit: str, duration_ms: int, method: str) -> None:
        at = self._context.clock()
        pressed = DigitPressed(
            call_id=leg.call.id, leg_id=leg.id, at=at, digit=digit, duration_ms=duration_ms, method=method
        )
        self._context.emit(pressed)
        collector = leg.collector
        if not isinstance(collector, Collector):
            self._keep(leg, digit)
            return
        collector.press(digit)
        if not collector.result.done():
            self._wait(collector, collector.between)

    # Typing ahead

    async def keep_digits(self, leg: Leg) -> None:
        """From now on, keys that nobody waits for count for the next question (as in VoiceXML 2.0, 4.1.8)."""
        leg.typed = leg.typed or ""
        await self._hear_keys(leg)

    def forget_digits(self, leg: Leg) -> None:
        """What was typed ahead is for nobody any more, and nothing is kept until the next question."""
        leg.typed = None

    def _keep(self, leg: Leg, digit: str) -> None:
        if leg.typed is None:
            return
        if len(leg.typed) >= MAX_TYPED_AHEAD:
            self._context.counters["digits_typed_too_far_ahead"] += 1
            return
        leg.typed += digit

    def _take_ahead(self, collector: Collector) -> None:
        leg = collector.leg
        while leg.typed and not collector.result.done():
            digit, leg.typed = leg.typed[0], leg.typed[1:]
            collector.press(digit)

    # Collecting

    async def collect(
        self,
        leg: Leg,
        *,
        wanted: int,
        terminators: str = "#",
        prompt: What | None = None,
        first: float = 5.0,
        between: float = 3.0,
        fresh: bool = False,
        peeks: bool = False,
        silence: float | None = None,
    ) -> asyncio.Future[Collected]:
        """Play the prompt, which the first digit stops, and gather digits; `first` counts from the prompt's end.

        Digits typed ahead come first, and then nothing is played; `fresh` forgets them.
        """
        if leg.collector is not None:
            raise NotNow("digits of this leg are being collected already")
        future: asyncio.Future[Collected] = asyncio.get_running_loop().create_future()
        collector = Collector(leg, min(wanted, MAX_COLLECTED), terminators, first, between, future, lambda: None, peeks)
        leg.collector = collector
        if fresh or leg.typed is None:
            leg.typed = ""
        self._take_ahead(collector)
        if future.done():
            return future
        await self._hear_keys(leg)
        if silence is not None:
            await self._hear_silence(leg, silence, future)
        if collector.digits:
            self._wait(collector, between)
            return future
        if prompt is None:
            self._wait(collector, first)
            return future
        try:
            play = await self.play(leg, prompt, done=lambda _reason: self._prompted(collector))
        except NotNow:
            leg.collector = None
            raise
        collector.on_first = lambda: self._context.spawn(leg.call, self.stop(play))
        return future

    def give_up(self, leg: Leg) -> None:
        """Gather no more digits of a leg; its prompt ends. No error when nobody did."""
        collector = leg.collector
        if isinstance(collector, Collector):
            collector.on_first()
            collector.finish(CollectEnd.GONE)

    def _prompted(self, collector: Collector) -> None:
        if not collector.digits and not collector.result.done():
            self._wait(collector, collector.first)

    def _wait(self, collector: Collector, seconds: float) -> None:
        if collector.timer is not None:
            collector.timer.cancel()
        collector.timer = self._context.timers.after(seconds, lambda: collector.finish(CollectEnd.TIMEOUT))

    async def _hear_silence(self, leg: Leg, seconds: float, result: asyncio.Future[Collected]) -> None:
        """Until the collector ends. An engine that cannot hear it leaves the other ends."""
        try:
            await self._context.media.detect(leg.name, silence_ms=int(seconds * 1000))
        except (MediaRefused, MediaGone):
            self._context.counters["silence_not_detected"] += 1
            return
        result.add_done_callback(lambda _: self._context.spawn(leg.call, self._hear_no_silence(leg)))

    async def _hear_no_silence(self, leg: Leg) -> None:
        try:
            await self._context.media.detect(leg.name, silence_ms=0)
        except (MediaRefused, MediaGone):
            self._context.counters["silence_detected_for_nobody"] += 1

    def silent(self, event: SilenceHeard) -> None:
        """Who speaks to a mailbox has said all."""
        leg = self._context.legs.get(UUID(event.leg)) if len(event.leg) == 32 else None
        if leg is not None and isinstance(leg.collector, Collector):
            leg.collector.finish(CollectEnd.SILENCE)

    async def _hear_keys(self, leg: Leg) -> None:
        if leg.stream.agreed is not None and leg.stream.agreed.dtmf is None:
            await self._listen_in_band(leg)

    async def _listen_in_band(self, leg: Leg) -> None:
        try:
            await self._context.media.detect(leg.name, dtmf_inband=True)
        except (MediaRefused, MediaGone):
            self._context.counters["in_band_not_detected"] += 1

    # Digits that we send

    async def send(self, leg: Leg, digits: str, method: DtmfMethod | None = None) -> None:
        """By RFC 4733 where the peer takes it, else in the audio. Raises `NotNow`."""
        try:
            await self._context.media.send_dtmf(leg.name, digits, method=method or DtmfMethod.AUTO)
        except (MediaRefused, MediaGone) as error:
            raise NotNow("the digits cannot be sent") from error

    def send_by_info(self, leg: Leg, digits: str, duration_ms: int = 160) -> None:
        """For gateways that hear neither (RFC 6086 with application/dtmf-relay)."""
        endpoint = self._context.endpoint
        if leg.session is None:
            raise NotNow("the leg has no session")
        try:
            for digit in digits:
                endpoint.agent.send_digit(leg.session, Digit(digit, duration_ms), self._context.now())
        except NotAllowed as error:
            raise NotNow(str(error)) from error
        finally:
            endpoint.flush()
