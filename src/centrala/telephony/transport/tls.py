"""TLS contexts: our certificate, renewed without a restart, and the check of others' certificates."""

import ssl
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from centrala.kit.logging import get_logger

log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class TlsFiles:
    """PEM files. Without a certificate nothing is listened on; `authorities` None: those the system trusts."""

    certificate: Path | None = None  # with its chain
    key: Path | None = None  # None: in the file of the certificate
    authorities: Path | None = None


class Tls:
    """Contexts for both sides. Raises `ssl.SSLError` or `OSError` when the files cannot be used."""

    def __init__(self, files: TlsFiles, counted: Callable[[str], None] = lambda _name: None) -> None:
        self._files = files
        self._counted = counted
        self._stamp = self._stamps()
        self.client = _client_context(files.authorities)
        self.server: ssl.SSLContext | None = None
        if files.certificate is not None:
            self.server = _server_context(files.certificate, files.key)

    def _stamps(self) -> tuple[tuple[int, int], ...]:
        stamps = []
        for path in (self._files.certificate, self._files.key):
            if path is not None:
                found = path.stat()
                stamps.append((found.st_mtime_ns, found.st_ino))
        return tuple(stamps)

    def refresh(self) -> bool:
        """Take a renewed certificate for further connections; True if there was one.

        A pair that does not fit is left alone, counted and logged: the old certificate stays in force.
        """
        if self._files.certificate is None:
            return False
        try:
            stamp = self._stamps()
            if stamp == self._stamp:
                return False
            self._stamp = stamp
            self.server = _server_context(self._files.certificate, self._files.key)
        except (OSError, ssl.SSLError):
            # Written in two steps, most often: the second one changes the stamp again.
            self._counted("tls_reload_failed")
            log.exception("The renewed TLS certificate cannot be used.")
            return False
        self._counted("tls_reloaded")
        return True


def _server_context(certificate: Path, key: Path | None) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(certificate, key)
    return context


def _client_context(authorities: Path | None) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=authorities)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context
