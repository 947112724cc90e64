"""SIPp with scenarios of its own making: it calls as a desk phone by digest, is called behind a trunk, and echoes."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from interop.centre.support.peers.floor import PeersFloor
from interop.centre.support.peers.peer import Peer
from interop.exchange.conftest import CARRIER, Account
from interop.sip.support.programs import Program
from interop.sip.support.sipp import TCP, UDP, well
from support.audio import Samples
from support.ports import free_port

TALK: Final = 6000  # ms before it hangs up by itself: enough for both to be heard on a busy machine
HELD: Final = 3500  # ms that it holds
# Its own keys have the payload type 96.
SDP: Final = """v=0
o=sipp 1 {version} IN IP4 [local_ip]
s=-
c=IN IP4 [media_ip]
t=0 0
m=audio [media_port] RTP/AVP 0 96
a=rtpmap:96 telephone-event/8000
a={way}"""
OK: Final = """<send><![CDATA[
SIP/2.0 200 OK
[last_Via:]
[last_From:]
[last_To:]
[last_Call-ID:]
[last_CSeq:]
Contact: <sip:sipp@[local_ip]:[local_port];transport=[transport]>
Content-Length: 0

]]></send>"""
BYE_COMES: Final = f'<recv request="BYE" crlf="true"/>{OK}'
NOTIFY_COMES: Final = f'<recv request="NOTIFY"/>{OK}'


class Scenario:
    """The steps of one call that SIPp makes."""

    def __init__(self, user: str, target: str) -> None:
        self._user, self._target = user, target
        self._sequence, self._versions = 0, 0
        self._parts: list[str] = []

    def xml(self) -> str:
        return '<?xml version="1.0"?>\n<scenario name="made">\n' + "\n".join(self._parts) + "\n</scenario>\n"

    def _request(self, method: str, more: Sequence[str] = (), body: str = "", *, tag: str = "[peer_tag_param]") -> str:
        if method != "ACK":
            self._sequence += 1
        target = f"sip:{self._target}@[remote_ip]:[remote_port]"
        lines = [
            f"{method} {target if not tag else '[next_url]'} SIP/2.0",
            "Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]",
            f"From: <sip:{self._user}@[local_ip]>;tag=[pid]made[call_number]",
            f"To: <{target}>{tag}",
            "Call-ID: [call_id]",
            f"CSeq: {self._sequence} {method}",
            f"Contact: <sip:{self._user}@[local_ip]:[local_port];transport=[transport]>",
            "Max-Forwards: 70",
            *more,
            "Content-Length: [len]",
        ]
        retrans = "" if method == "ACK" else ' retrans="500"'
        return f"<send{retrans}><![CDATA[\n" + "\n".join(lines) + f"\n\n{body}\n]]></send>"

    def _offer(self, way: str, more: Sequence[str] = (), *, tag: str = "[peer_tag_param]") -> str:
        self._versions += 1
        fields = [*more, "Content-Type: application/sdp"]
        return self._request("INVITE", fields, SDP.format(version=self._versions, way=way), tag=tag)

    def _refusal_seen(self) -> str:
        """RFC 3261 17.1.1.3: this ACK has the branch of its INVITE."""
        lines = [
            f"ACK sip:{self._target}@[remote_ip]:[remote_port] SIP/2.0",
            "[last_Via:]",
            "[last_From:]",
            "[last_To:]",
            "[last_Call-ID:]",
            f"CSeq: {self._sequence} ACK",
            "Max-Forwards: 70",
            "Content-Length: 0",
        ]
        return "<send><![CDATA[\n" + "\n".join(lines) + "\n\n]]></send>"

    def _answered(self) -> None:
        self._parts += [
            '<recv response="100" optional="true"/>',
            '<recv response="180" optional="true"/>',
            '<recv response="200" rrs="true"/>',
            self._request("ACK"),
        ]

    def calls(self, *, digest: bool) -> None:
        self._parts.append(self._offer("sendrecv", tag=""))
        if digest:
            self._is_challenged()
        self._answered()

    def _is_challenged(self) -> None:
        self._parts.append('<recv response="100" optional="true"/>')
        self._parts += ['<recv response="401" auth="true"/>', self._refusal_seen()]
        self._parts.append(self._offer("sendrecv", ["[authentication]"], tag=""))

    def pauses(self, milliseconds: int) -> None:
        self._parts.append(f'<pause milliseconds="{milliseconds}"/>')

    def offers(self, way: str) -> None:
        self._parts.append(self._offer(way))
        self._answered()

    def refers(self, to: str) -> None:
        who = f"Refer-To: <{to}>"
        self._parts += [self._request("REFER", [who]), '<recv response="202"/>', NOTIFY_COMES, NOTIFY_COMES, BYE_COMES]

    def informs(self, key: str) -> None:
        body = f"Signal={key}\nDuration=160"
        self._parts += [self._request("INFO", ["Content-Type: application/dtmf-relay"], body)]
        self._parts.append('<recv response="200"/>')

    def plays(self, key: str) -> None:
        self._parts.append(f'<nop><action><exec play_dtmf="{key}"/></action></nop>')

    def hangs_up(self) -> None:
        self._parts += [self._request("BYE"), '<recv response="200"/>']

    def waits_for_the_end(self) -> None:
        self._parts.append(BYE_COMES)


class SippPhone(Peer):
    """Over UDP or TCP. It is called as a carrier's subscriber: one SIPp cannot register and be called."""

    echoes = True

    def __init__(
        self, floor: PeersFloor, folder: Path, account: Account, *, mode: str = UDP, outside: bool = False
    ) -> None:
        """`outside`: it calls as a carrier's subscriber, who has no account."""
        super().__init__(floor, folder, account.person_id)
        self.outside = outside
        self.account = account
        self.mode = mode
        self._calls: list[Program] = []
        self._last: Program | None = None

    @property
    def number(self) -> str:
        return "069123456"

    async def start(self) -> None:
        self._port = free_port()
        kind = "tcp" if self.mode == TCP else "udp"
        self._trunk = await self.floor.trunk(f"SIPp by {kind} {self._port}", self._port, transport=kind)

    async def end(self) -> None:
        for program in self._calls:
            await program.end()
        await self.floor.without_trunk(self._trunk)

    async def _run(self, *what: str, ip: str, port: int, echo: bool = True) -> Program:
        media = str(free_port())
        where = ["-i", ip, "-p", str(port), "-t", self.mode, "-mp", media]
        where += ["-rtp_echo"] if echo else []  # whose packets would come between those of a key
        account = ["-au", self.account.user, "-ap", self.account.password]
        limits = ["-m", "1", "-nostdin", "-timeout", "25s", "-timeout_error", "-trace_err"]
        folder = self.folder / f"run{len(self._calls)}"
        self._last = Program("sipp", [f"127.0.0.1:{self.floor.port}", *what, *where, *account, *limits], folder)
        self._calls.append(self._last)
        await self._last.start()
        return self._last

    async def call(self, number: str, *, then: Sequence[str] = ()) -> None:
        """`then`: hold, talk, transfer:NUMBER, connect:REPLACES, info:KEY, key:KEY; else it waits to be hung up."""
        made = Scenario("+37369000701" if self.outside else self.account.user, number)
        made.calls(digest=not self.outside)
        centre = f"127.0.0.1:{self.floor.port}"
        for step in then or ("wait",):
            name, _, value = step.partition(":")
            made.pauses(500)
            match name:
                case "hold":
                    made.offers("sendonly")
                    made.pauses(HELD)
                    made.offers("sendrecv")
                case "talk":
                    made.pauses(TALK)
                    made.hangs_up()
                case "transfer":
                    made.refers(f"sip:{value}@{centre}")
                case "connect":
                    made.refers(f"sip:{number}@{centre}?Replaces={value}")
                case "info":
                    made.informs(value)
                case "key":
                    made.plays(value)
        if not then or then[-1].partition(":")[0] in {"hold", "info", "key"}:
            made.waits_for_the_end()
        path = self.folder / f"made{len(self._calls)}.xml"
        path.write_text(made.xml())
        ip, echo = CARRIER if self.outside else "127.0.0.1", not any(step.startswith("key") for step in then)
        await self._run("-sf", str(path), "-s", number, ip=ip, port=free_port(), echo=echo)

    async def listen(self) -> None:
        program = await self._run("-sn", "uas", ip=CARRIER, port=self._port)
        await program.listens(self._port)

    async def answer(self) -> None:
        """It does at once."""

    async def hang_up(self) -> None:
        """By its scenario."""

    async def hold(self) -> None:
        """By its scenario."""

    async def resume(self) -> None:
        """By its scenario."""

    async def transfer(self, number: str) -> None:
        """By its scenario."""

    async def press(self, key: str) -> None:
        """By its scenario."""

    async def heard(self) -> Samples:
        """Nothing: it has echoed all. That its calls went by their scenarios is seen here."""
        for program in self._calls:
            await well(program)
        await asyncio.sleep(0)
        return []
