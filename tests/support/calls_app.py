"""An app that does calls and nothing else: SIP over UDP on loopback, the media engine, the store.

    python -m support.calls_app DATABASE_URL MEDIA_ADDRESS SIP_PORT RECORDINGS [--record] [--report]

A call to `sip:PORT@...` is bridged to `sip:PORT@127.0.0.1:PORT`. It prints `ready N S` when N legs of an earlier
process are taken up, S seconds after it was loaded, and packets are read. With `--report` it prints a JSON object of
counters when its standard input is closed.
"""

import argparse
import asyncio
import gc
import json
import os
import sys
import time
from pathlib import Path
from uuid import UUID

import uvloop

from centrala.kit.database import Database
from centrala.telephony.calls.causes import Cause
from centrala.telephony.calls.errors import CallError
from centrala.telephony.calls.events import CallEvent, CallOffered, LegAnswered, Party
from centrala.telephony.calls.ports import Origin, Target
from centrala.telephony.calls.service import Calls, CallSettings, Context
from centrala.telephony.calls.store import DatabaseStore, read_position
from centrala.telephony.calls.streams import MediaPolicy
from centrala.telephony.media import MediaClient
from centrala.telephony.sip.agent.context import AgentConfig
from centrala.telephony.sip.agent.core import UserAgent
from centrala.telephony.sip.agent.events import Event, IncomingCall
from centrala.telephony.sip.flow import Transport
from centrala.telephony.sip.headers.address import parse_name_addr
from centrala.telephony.sip.identity import caller_of
from centrala.telephony.sip.tokens import SeededTokens
from centrala.telephony.sip.uri import SipUri, parse_uri
from centrala.telephony.transport.endpoint import Endpoint
from centrala.telephony.transport.types import Listen

NODE = "main"
LOCAL = parse_name_addr("<sip:centre@127.0.0.1>")


def identify(event: IncomingCall) -> Origin | Cause:
    uri = event.request.uri
    caller = caller_of(event.request, trusted=True)
    callee = uri.user_text if isinstance(uri, SipUri) else ""
    return Origin(caller=Party(number=caller.number), callee=callee, policy=MediaPolicy(codecs=("PCMA", "PCMU")))


def target(port: str) -> Target:
    return Target(
        uri=parse_uri(f"sip:{port}@127.0.0.1:{port}"),
        local=LOCAL,
        peer=Party(number=port),
        policy=MediaPolicy(codecs=("PCMA", "PCMU")),
    )


class App:
    def __init__(self, options: argparse.Namespace) -> None:
        self.options = options
        self.database = Database(options.database)
        self.store = DatabaseStore(self.database, node=NODE)
        self.agent = UserAgent(AgentConfig(most_sessions=20_000), SeededTokens(os.urandom(32)))
        listen = (Listen(Transport.UDP, "127.0.0.1", options.port),)
        self.endpoint = Endpoint(self.agent, self.on_event, listen=listen)
        self.endpoint.guard.trust(["127.0.0.0/8"])  # as an exchange does with its carriers
        self.recorded: set[UUID] = set()
        self.calls: Calls
        self.context: Context

    async def start(self) -> int:
        position = await read_position(self.database, NODE)
        engine, last = (position.engine, position.last) if position else (None, None)
        self.media = MediaClient(self.options.media, engine=engine, after=last)
        await self.media.start()
        self.store.start()
        settings = CallSettings(node=NODE, recordings=Path(self.options.recordings))
        self.context = Context(endpoint=self.endpoint, media=self.media, store=self.store, settings=settings)
        self.calls = Calls(self.context, identify)
        self.calls.subscribe(self.hear)
        taken = await self.calls.start()
        await self.endpoint.start()
        return taken

    def on_event(self, event: Event) -> None:
        if isinstance(event, IncomingCall):
            self.endpoint.vouch(event.flow)  # its callers are no strangers, however many they are
        self.calls.on_event(event)

    def hear(self, event: CallEvent) -> None:
        call = self.calls.find(event.call_id)
        if isinstance(event, CallOffered):
            self.context.spawn(call, self.bridge(event))
        elif isinstance(event, LegAnswered) and self.options.record and event.call_id not in self.recorded:
            self.recorded.add(event.call_id)
            self.context.spawn(call, self.record(event))

    async def bridge(self, event: CallOffered) -> None:
        await self.calls.bridge(event.leg_id, [target(event.callee)])

    async def record(self, event: LegAnswered) -> None:
        try:
            await self.calls.record(event.call_id)
        except CallError:
            return

    async def stop(self) -> None:
        for what in (self.calls.idle, self.endpoint.stop, self.calls.close, self.store.close, self.media.close):
            await what()
        await self.database.close()

    def report(self) -> dict[str, object]:
        return {
            "cpu_seconds": time.process_time(),
            "live": {name: count for name, count in self.agent.live.items() if count},
            "calls": len(self.context.calls),
            "legs": len(self.context.legs),
            "counters": self.calls.counters,
            "store": dict(self.store.counters),
            "endpoint": self.endpoint.counters,
            "agent": self.agent.counters,
        }


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


async def main() -> None:
    parser = argparse.ArgumentParser()
    for name in ("database", "media"):
        parser.add_argument(name)
    parser.add_argument("port", type=int)
    parser.add_argument("recordings")
    parser.add_argument("--record", action="store_true")
    parser.add_argument("--report", action="store_true")
    app = App(parser.parse_args())
    begun = time.monotonic()
    taken = await app.start()
    say(f"ready {taken} {time.monotonic() - begun:.3f}")
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := await reader.readline():
        if line.strip() == b"report":
            say(json.dumps(app.report()))
    await app.stop()
    if app.options.report:
        say(json.dumps(app.report()))


if __name__ == "__main__":
    gc.freeze()  # as `centrala.node.launch` does it
    uvloop.run(main())
