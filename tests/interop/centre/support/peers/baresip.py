"""baresip 1.0: as a desk phone, and as a subscriber of a carrier behind its Kamailio."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from interop.centre.support.peers.floor import PeersFloor
from interop.centre.support.peers.peer import SLOW, Peer, tape
from interop.exchange.conftest import Account, until
from interop.sip.support.baresip import Baresip
from support.audio import Samples, read_wav

SILENT: Final = "audio_source aubridge,nothing"


class BaresipPhone(Peer):
    """A registered phone with one account.

    1.0 makes the filter that keeps what it hears for the first description only, so that after a hold nothing but its
    own count of what comes can be looked at.
    """

    keeps_after_hold = False

    def __init__(
        self, floor: PeersFloor, folder: Path, account: Account, *, transport: str = "udp", cafile: Path | None = None
    ) -> None:
        super().__init__(floor, folder, account.person_id)
        self.account = account
        port = floor.settings.sip.tls_port if transport == "tls" else floor.port
        self.line = (
            f"<sip:{account.user}@127.0.0.1:{port};transport={transport}>;auth_user={account.user}"
            f";auth_pass={account.password};regint=60;answermode=manual" + (";mediaenc=srtp-mand" if cafile else "")
        )
        self.cafile = cafile

    @property
    def number(self) -> str:
        return self.account.user

    def _make(self, line: str, *, port: int | None = None) -> Baresip:
        made = Baresip(line, self.folder, cafile=self.cafile)
        config = self.folder / "config"
        voice = tape(self.folder / "says.wav")
        sound = f"audio_source aufile,{voice}\nsnd_path {self.folder}"
        modules = "module g711.so\nmodule aufile.so\nmodule sndfile.so"
        text = config.read_text().replace(SILENT, sound).replace("module g711.so", modules)
        if port is not None:
            text = text.replace(f"sip_listen 127.0.0.1:{made.port}", f"sip_listen 127.0.0.1:{port}")
        config.write_text(text)
        return made

    async def start(self) -> None:
        self.program = self._make(self.line)
        await self.program.start()
        await self.registered()

    async def end(self) -> None:
        await self.program.end()

    async def call(self, number: str, *, then: Sequence[str] = ()) -> None:  # noqa: ARG002 - it is told when the time comes
        await self.program.command("dial", number)

    async def answer(self) -> None:
        await self.program.hears_of("CALL_INCOMING")
        await self.program.command("accept")
        await self.program.hears_of("CALL_ESTABLISHED")

    async def hang_up(self) -> None:
        await self.program.command("hangup")
        await self.program.hears_of("CALL_CLOSED")

    async def hold(self) -> None:
        await self.program.command("hold")

    async def resume(self) -> None:
        await self.program.command("resume")

    async def transfer(self, number: str) -> None:
        await self.program.command("transfer", f"sip:{number}@127.0.0.1:{self.floor.port}")

    async def press(self, key: str) -> None:
        await self.program.command("sndcode", key)

    async def receives(self) -> None:
        """64 kbit/s, as its line of state says."""
        await until(lambda: self.program.program.output.rpartition("audio=")[2].startswith("64000/64000"), SLOW)

    async def heard(self) -> Samples:
        await self.program.hears_of("CALL_CLOSED")
        await asyncio.sleep(0.2)  # the file is closed by another thread
        files = sorted(self.folder.glob("dump-*-dec.wav"))
        return [sample for file in files for sample in read_wav(file)[0]]
