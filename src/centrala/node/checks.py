"""What must hold before a start; `centrala doctor` asks the same questions."""

import contextlib
import os
import shutil
import socket
import tempfile
from pathlib import Path
from typing import Any, Final

from centrala.kit.settings import Folders, StorageSettings
from centrala.node.errors import StartRefused

MB: Final = 1_000_000


def ready_folder(data: Path) -> Folders:
    """The data folder with its parts, made when they are missing, and proven writable."""
    folders = Folders(data=data.absolute())
    refuse_foreign(folders.data)
    try:
        for parent in reversed([path for path in folders.data.parents if not path.exists()]):
            parent.mkdir()
            parent.chmod(0o755)  # whatever the umask: the database's account must get through
        folders.data.mkdir(mode=0o700, exist_ok=True)
        for folder in (folders.run, folders.files, folders.recordings, folders.secrets):
            folder.mkdir(mode=0o700, exist_ok=True)
        # The bits of the mode say little: a read-only disk, a quota, root itself. So it is tried.
        with tempfile.TemporaryFile(dir=folders.run) as probe:
            probe.write(b"\0" * 4096)
    except OSError as error:
        place = Path(error.filename) if error.filename else folders.data
        raise StartRefused(
            f"The data folder {folders.data} cannot be written: {place}: {error.strerror}",
            f"Give the account {account()!r} the right to write there, or choose another folder with --data",
        ) from error
    return folders


def refuse_foreign(data: Path) -> None:
    """Raise when the folder belongs to another account: what root leaves there, that account could not read."""
    if not data.exists():
        return
    owner = data.stat().st_uid
    if owner == os.geteuid():
        return
    name = account(owner)
    raise StartRefused(
        f"The data folder {data} belongs to {name!r} and cannot be written by {account()!r} without harm",
        f"Run this as that account (sudo -u {name} centrala ...), or choose another folder with --data",
    )


def is_other_centre(folder: Path) -> bool:
    """Whether a folder inside of a data folder is a data folder of its own, as the demo's by default."""
    return (folder / "run" / "lock").exists()


def enough_space(data: Path, storage: StorageSettings) -> int:
    """Free bytes on the disk of `data`; raises when it is nearly full."""
    free = shutil.disk_usage(data).free
    if free < storage.min_free_mb * MB:
        raise StartRefused(
            f"The disk of {data} is nearly full: {free // MB} MB free, {storage.min_free_mb} MB needed",
            "Free some space, move the data folder (--data), or lower storage.min_free_mb",
        )
    return free


def listening(host: str, port: int) -> socket.socket:
    """The socket of the web server. Bound here, so that it outlives a restart of the app."""
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        sock = socket.socket(family, socket.SOCK_STREAM)
        try:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            sock.bind(address)
            sock.listen(2048)
        except OSError:
            sock.close()
            raise
    except socket.gaierror as error:
        raise StartRefused(
            f"The address {host!r} of web.host is unknown: {error.strerror}", "Correct web.host"
        ) from error
    except PermissionError as error:
        raise StartRefused(
            f"The account {account()!r} may not listen on port {port}",
            "Choose a port above 1023 with web.port",
        ) from error
    except OSError as error:
        raise _taken(host, port, error) from error
    return sock


def is_free(host: str, port: int, kind: socket.SocketKind) -> bool:
    """Whether we could listen there."""
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=kind, flags=socket.AI_PASSIVE)[0]
        with socket.socket(family, kind) as sock:
            sock.bind(address)
    except OSError:
        return False
    return True


def _taken(host: str, port: int, error: OSError) -> StartRefused:
    who = listener_of(port)
    if who is None and "in use" not in (error.strerror or ""):
        return StartRefused(f"Cannot listen on {host} port {port}: {error.strerror}", "Correct web.host")
    return StartRefused(
        f"Port {port} of {host} is taken" + (f" by {who}" if who else ""),
        "Stop that program, or choose another port with web.port (CENTRALA_WEB_PORT)",
    )


def listener_of(port: int) -> str | None:
    """`name (process 123)` of who listens on a TCP port, as far as we may know."""
    # Loaded late: only a failed start and the doctor ask.
    import psutil  # noqa: PLC0415

    def listens(connection: Any) -> bool:
        return bool(connection.status == psutil.CONN_LISTEN and connection.laddr[1:] == (port,))

    try:
        found = [one.pid for one in psutil.net_connections(kind="tcp") if listens(one) and one.pid]
        if not found:
            return None
        holder = psutil.Process(found[0])
        # A program hands its socket on to its children; it is the one to be stopped.
        with contextlib.suppress(psutil.AccessDenied):
            while (parent := holder.parent()) and any(listens(one) for one in parent.net_connections(kind="tcp")):
                holder = parent
        return f"{holder.name()} (process {holder.pid})"
    except psutil.Error:
        return None


def account(uid: int | None = None) -> str:
    """The name of an account; of the one that this process runs as when none is given."""
    import pwd  # noqa: PLC0415 - as above

    number = os.geteuid() if uid is None else uid
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return str(number)
