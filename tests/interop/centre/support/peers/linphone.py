"""linphonec, the console phone of linphone-cli, with files for a sound card."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from interop.centre.support.peers.floor import PeersFloor
from interop.centre.support.peers.peer import SLOW, Peer, tape
from interop.exchange.conftest import Account
from interop.sip.support.programs import Program
from support.audio import Samples, read_wav
from support.ports import free_port

CONFIG: Final = """
[sip]
sip_port={port}
sip_tcp_port={port}
sip_tls_port=-1
root_ca={cafile}
guess_hostname=0
contact=sip:{user}@127.0.0.1
register_only_when_network_is_up=0
use_ipv6=0
bind_address=127.0.0.1
media_encryption={encryption}
use_info={info}
use_rfc2833={rfc2833}
[rtp]
audio_rtp_port=-1
[net]
firewall_policy=0
[video]
enabled=0
[sound]
echocancellation=0
"""


class LinphonePhone(Peer):
    """A registered phone. `info`: its keys go by INFO instead of RFC 4733."""

    def __init__(
        self,
        floor: PeersFloor,
        folder: Path,
        account: Account,
        *,
        transport: str = "udp",
        cafile: Path | None = None,
        info: bool = False,
    ) -> None:
        super().__init__(floor, folder, account.person_id)
        self.account = account
        self.transport = transport
        self.info = info
        self.cafile = cafile

    @property
    def number(self) -> str:
        return self.account.user

    async def start(self) -> None:
        for name in (".local/share/linphone", ".config/linphone"):
            (self.folder / name).mkdir(parents=True)
        config = self.folder / "linphonerc"
        config.write_text(
            CONFIG.format(
                port=free_port(),
                cafile=self.cafile or "",
                user=self.account.user,
                encryption="srtp" if self.cafile else "none",
                info=int(self.info),
                rfc2833=int(not self.info),
            )
        )
        self.record = self.folder / "heard.wav"
        voice = tape(self.folder / "says.wav")
        self.program = Program("linphonec", ["-c", config, "-C"], self.folder)
        await self.program.start()
        await self.program.says("linphonec>")
        place = f"127.0.0.1:{self.floor.settings.sip.tls_port if self.transport == 'tls' else self.floor.port}"
        await self._type("soundcard use files")
        await self._type(f"play {voice}")
        await self._type(f"record {self.record}")
        account = f"sip:{self.account.user}@127.0.0.1"
        await self._type(f"register {account} sip:{place};transport={self.transport} {self.account.password}")
        await self.registered()

    async def _type(self, text: str) -> None:
        await self.program.type(text + "\n")

    async def end(self) -> None:
        await self.program.end()

    async def call(self, number: str, *, then: Sequence[str] = ()) -> None:  # noqa: ARG002 - it is told when the time comes
        await self._type(f"call sip:{number}@127.0.0.1")

    async def answer(self) -> None:
        await self.program.says("Receiving new incoming call", SLOW)
        await self._type("answer")

    async def hang_up(self) -> None:
        await self._type("terminate")

    async def hold(self) -> None:
        await self.program.says("Media streams established", SLOW)
        await self._type("pause")
        await self.program.says("is now paused", SLOW)

    async def resume(self) -> None:
        await self._type("resume 1")

    async def transfer(self, number: str) -> None:
        await self.program.says("Media streams established", SLOW)
        await self._type(f"transfer 1 sip:{number}@127.0.0.1")

    async def consult(self, number: str) -> None:
        await self.hold()
        await self._type(f"call sip:{number}@127.0.0.1")

    async def connect(self) -> None:
        await self._type("transfer 1 --to-call 2")

    async def press(self, key: str) -> None:
        await self.program.says("Media streams established", SLOW)
        await self._type(key)

    async def heard(self) -> Samples:
        await self._type("quit")
        await self.program.wait(SLOW)
        await asyncio.sleep(0)
        return read_wav(self.record)[0]
