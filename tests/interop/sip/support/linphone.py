"""linphone-daemon without sound hardware, controlled by its standard input."""

from pathlib import Path

from interop.sip.support.programs import Program
from support.ports import free_port

CONFIG = """
[sip]
sip_port={port}
sip_tcp_port={port}
sip_tls_port=-1
root_ca={cafile}
guess_hostname=0
contact=sip:ana@127.0.0.1
register_only_when_network_is_up=0
use_ipv6=0
bind_address=127.0.0.1
[rtp]
audio_rtp_port=-1
[net]
firewall_policy=0
[video]
enabled=0
"""


class Linphone:
    """One linphone. Its events stand in its output as `Event: LinphoneCall...`."""

    def __init__(self, folder: Path, *, cafile: Path) -> None:
        for name in (".local/share/linphone", ".config/linphone"):
            (folder / name).mkdir(parents=True)
        config = folder / "linphonerc"
        config.write_text(CONFIG.format(port=free_port(), cafile=cafile))
        arguments: list[str | Path] = ["--config", config, "--log", folder / "linphone.log"]
        self.program = Program("linphone-daemon", arguments, folder)

    async def start(self) -> None:
        await self.program.start()
        await self.program.says("daemon-linphone>")

    async def command(self, text: str) -> None:
        await self.program.type(text + "\n")

    async def becomes(self, state: str) -> None:
        """Wait until a call of it has been in a state, as StreamsRunning or End."""
        await self.program.says(f"Event: LinphoneCall{state}")

    async def end(self) -> None:
        await self.program.end()
