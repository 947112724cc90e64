"""baresip 1.0 without sound hardware, controlled over its own TCP socket (netstrings of JSON)."""

import asyncio
import contextlib
import json
import struct
from pathlib import Path
from typing import Any

from interop.sip.support.programs import PATIENCE, Program
from support.ports import BLOCK, free_port

MODULES = "/usr/lib/baresip/modules"
WAV_HEADER = 44  # bytes
CONFIG = """
poll_method epoll
sip_listen 127.0.0.1:{port}
{cafile}
audio_player aubridge,nothing
audio_source {source}
audio_alert aubridge,alert
audio_channels 1
ausrc_srate 8000
auplay_srate 8000
rtp_ports {rtp}-{rtp_end}
net_interface 127.0.0.1
call_local_timeout 60
call_max_calls 8
module_path {modules}
module g711.so
module aubridge.so
{sound}
module srtp.so
module_tmp account.so
module_app ctrl_tcp.so
module_app menu.so
ctrl_tcp_listen 127.0.0.1:{control}
"""


class Baresip:
    """One baresip with one account: `account` is a line of its accounts file.

    With a `tape` (mono, 16 bit, 8 kHz) it says that, and keeps what it hears.
    """

    def __init__(self, account: str, folder: Path, *, cafile: Path | None = None, tape: Path | None = None) -> None:
        self._folder = folder
        self.port = free_port()
        self._control = free_port()
        folder.mkdir(parents=True, exist_ok=True)
        rtp = free_port()
        config = CONFIG.format(
            port=self.port,
            control=self._control,
            modules=MODULES,
            rtp=rtp,
            rtp_end=rtp + BLOCK - 2,
            cafile="" if cafile is None else f"sip_cafile {cafile}",
            source="aubridge,nothing" if tape is None else f"aufile,{tape}",
            sound="" if tape is None else f"module aufile.so\nmodule sndfile.so\nsnd_path {folder}",
        )
        (folder / "config").write_text(config)
        (folder / "accounts").write_text(account + "\n")
        (folder / "contacts").write_text("")
        self.program = Program("baresip", ["-f", str(folder), "-s"], folder)
        self.events: list[dict[str, Any]] = []
        self._changed = asyncio.Event()
        self._reader: asyncio.Task[None] | None = None

    async def start(self) -> None:
        await self.program.start()
        await self.program.listens(self._control)
        stream, self._writer = await asyncio.open_connection("127.0.0.1", self._control)
        self._reader = asyncio.create_task(self._read(stream))

    async def _read(self, stream: asyncio.StreamReader) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                length = int((await stream.readuntil(b":"))[:-1])
                self.events.append(json.loads(await stream.readexactly(length)))
                await stream.readexactly(1)
                self._changed.set()

    async def command(self, name: str, parameters: str = "") -> None:
        message = json.dumps({"command": name, "params": parameters}).encode()
        self._writer.write(b"%d:%b," % (len(message), message))
        await self._writer.drain()

    def heard(self) -> list[int]:
        """All samples of its call up to now, at 8 kHz; the file's own count of them is right only when it is closed."""
        (file,) = self._folder.glob("dump-*-dec.wav")
        data = file.read_bytes()[WAV_HEADER:]
        return [one for (one,) in struct.iter_unpack("<h", data[: len(data) // 2 * 2])]

    async def hears_of(self, kind: str) -> dict[str, Any]:
        """Wait for an event of its own, as REGISTER_OK or CALL_ESTABLISHED."""
        async with asyncio.timeout(PATIENCE):
            while True:
                found = [event for event in self.events if event.get("type") == kind]
                if found:
                    return found[0]
                self._changed.clear()
                await self._changed.wait()

    async def end(self) -> None:
        if self._reader is not None:
            self._writer.close()
            self._reader.cancel()
            await asyncio.gather(self._reader, return_exceptions=True)
        await self.program.end()
