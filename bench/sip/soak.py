"""Thousands of calls with random abort points over a rough network: memory and counts must be flat.

Run: `python bench/sip/soak.py [calls]`. Prints live objects and traced memory after each batch.
"""

from __future__ import annotations

import gc
import sys
import time
import tracemalloc

from centrala.telephony.sip.agent.attempt import Call
from centrala.telephony.sip.agent.core import UserAgent
from centrala.telephony.sip.agent.events import Answered, Event, IncomingCall
from centrala.telephony.sip.errors import NotAllowed
from centrala.telephony.sip.headers.address import parse_name_addr
from centrala.telephony.sip.netem import Pair, Weather
from centrala.telephony.sip.tokens import SeededTokens
from centrala.telephony.sip.uri import parse_uri

BATCH = 500  # calls between two looks
SDP = b"v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 8\r\n"


class Soak:
    """Two agents and a plan of random deeds."""

    def __init__(self) -> None:
        self.rolls = SeededTokens(b"soak")
        self.pair = Pair.make(weather=Weather(delay=0.02, jitter=0.3, loss=10, duplicate=5))
        self.pair.on_a.append(self.caller)
        self.pair.on_b.append(self.callee)

    def later(self, seconds: int) -> float:
        """Return a random moment within so many seconds."""
        return self.pair.net.now + self.rolls.below(seconds * 1000) / 1000

    def callee(self, agent: UserAgent, event: Event, now: float) -> None:
        """Ring, then answer or refuse at a random moment."""
        if not isinstance(event, IncomingCall):
            return
        session = event.session
        if self.rolls.below(3):
            agent.ring(session, now)

        def decide() -> None:
            try:
                if self.rolls.below(4):
                    agent.answer(session, self.pair.net.now, SDP)
                else:
                    agent.reject(session, 486, self.pair.net.now)
            except NotAllowed:
                return

        self.pair.net.at(self.later(4), decide)
        if self.rolls.below(2):
            self.pair.net.at(self.later(9), lambda: agent.hang_up(session, self.pair.net.now))

    def caller(self, agent: UserAgent, event: Event, _now: float) -> None:
        """Hang up at a random moment."""
        if isinstance(event, Answered):
            session = event.session
            self.pair.net.at(self.later(8), lambda: agent.hang_up(session, self.pair.net.now))

    def batch(self) -> None:
        """Make calls, cancel some, and let all of them end."""
        pair, net = self.pair, self.pair.net
        target, alice = parse_uri("sip:b@192.0.2.2"), parse_name_addr("<sip:a@example.com>")
        for _ in range(BATCH):
            attempt = pair.a.invite(Call(target, alice, sdp=SDP, flow=pair.flow()), net.now)
            if self.rolls.below(3) == 0:
                net.at(self.later(5), lambda attempt=attempt: pair.a.cancel(attempt, net.now))  # type: ignore[misc]
            net.run(net.now + 0.1)
        net.run(net.now + 400.0)
        net.log.clear()
        net.wire.clear()


def main() -> None:
    """Run the batches and print a table in Markdown."""
    total = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    soak = Soak()
    tracemalloc.start()
    print("| calls | live objects | traced kB | seconds |\n|---|---|---|---|")
    start = time.perf_counter()
    for done in range(BATCH, total + 1, BATCH):
        soak.batch()
        gc.collect()
        if done % 2_000 == 0 or done == BATCH:
            kept = tracemalloc.get_traced_memory()[0] / 1024
            seconds = time.perf_counter() - start
            print(f"| {done} | {soak.pair.leftovers or 0} | {kept:.0f} | {seconds:.0f} |", flush=True)


if __name__ == "__main__":
    main()
