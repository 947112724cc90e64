"""Kamailio in the path: UDP on one side, TCP on the other, so that it records its route twice (RFC 5658)."""

from pathlib import Path

from interop.sip.support.programs import Program
from support.ports import free_port

CONFIG = """
debug=1
log_stderror=yes
children=1
tcp_children=1
auto_aliases=no
listen=udp:127.0.0.1:{udp}
listen=tcp:127.0.0.1:{tcp}
mpath="{modules}/"
loadmodule "tm.so"
loadmodule "sl.so"
loadmodule "rr.so"
loadmodule "pv.so"
loadmodule "maxfwd.so"
loadmodule "siputils.so"
loadmodule "textops.so"
modparam("rr", "enable_double_rr", 1)

request_route {{
    if (!mf_process_maxfwd_header("10")) {{
        sl_send_reply("483", "Too Many Hops");
        exit;
    }}
    if (is_method("CANCEL")) {{
        if (t_check_trans()) t_relay();
        exit;
    }}
    if (has_totag()) {{
        if (loose_route()) {{
            t_relay();
        }} else if (is_method("ACK") && t_check_trans()) {{
            t_relay();
        }}
        exit;
    }}
    remove_hf("Route");
    record_route();
    if ($proto == "udp") {{
        $du = "sip:127.0.0.1:{centre};transport=tcp";
    }}{callee}
    t_relay();
}}
"""


CALLEE = """ else {{
        $du = "sip:127.0.0.1:{port}";
    }}"""


class Kamailio:
    """A proxy between UDP peers and the TCP port of a centre. `callee`: the port of whom it calls for the centre."""

    def __init__(self, centre: int, folder: Path, *, callee: int | None = None) -> None:
        self.udp, self.tcp = free_port(), free_port()
        folder.mkdir(parents=True, exist_ok=True)
        modules = next(Path("/usr/lib").glob("*/kamailio/modules"), Path("modules"))
        config = folder / "kamailio.cfg"
        more = "" if callee is None else CALLEE.format(port=callee)
        ports = {"udp": self.udp, "tcp": self.tcp, "centre": centre}
        config.write_text(CONFIG.format(**ports, modules=modules, callee=more))
        arguments: list[str | Path] = ["-f", config, "-DD", "-E", "-m", "32", "-M", "4", "-Y", folder, "-w", folder]
        self.program = Program("kamailio", arguments, folder)

    async def start(self) -> None:
        await self.program.start()
        await self.program.listens(self.udp)
        await self.program.listens(self.tcp)

    async def end(self) -> None:
        await self.program.end()
