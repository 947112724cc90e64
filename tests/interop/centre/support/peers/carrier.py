"""baresip as a carrier's subscriber; between it and the centre stands Kamailio, UDP on one side, TCP on the other."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from interop.centre.support.peers.baresip import BaresipPhone
from interop.centre.support.peers.floor import PeersFloor
from interop.exchange.conftest import Account
from interop.sip.support.kamailio import Kamailio
from support.ports import free_port

SUBSCRIBER: Final = "+37369000700"


class CarriersPhone(BaresipPhone):
    """Every request of a call passes the proxy, which records its route twice (RFC 5658)."""

    outside = True

    def __init__(self, floor: PeersFloor, folder: Path, account: Account) -> None:
        super().__init__(floor, folder, account)

    @property
    def number(self) -> str:
        return "069000700"

    async def start(self) -> None:
        self.proxy = Kamailio(self.floor.port, self.folder / "kamailio", callee=(port := free_port()))
        await self.proxy.start()
        account = f"<sip:{SUBSCRIBER}@127.0.0.1:{self.proxy.udp}>;regint=0;answermode=manual"
        self.program = self._make(account + f';outbound="sip:127.0.0.1:{self.proxy.udp}"', port=port)
        await self.program.start()
        self.trunk = await self.floor.trunk(
            f"Carrier behind {self.proxy.tcp}", self.proxy.tcp, host="127.0.0.1", transport="tcp", sources=["127.0.0.1"]
        )

    async def end(self) -> None:
        await self.floor.without_trunk(self.trunk)
        await super().end()
        await self.proxy.end()

    async def call(self, number: str, *, then: Sequence[str] = ()) -> None:  # noqa: ARG002 - it is told when the time comes
        await self.program.command("dial", f"sip:{number}@127.0.0.1:{self.proxy.udp}")
