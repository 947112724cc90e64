"""The name service by dnspython: cached for as long as its answers say, bounded in time."""

import asyncio
import socket
from collections.abc import Iterable, Sequence
from typing import Any, Final

import dns.asyncresolver
import dns.exception
import dns.resolver

from centrala.telephony.transport.resolve import LookupFailed, Naptr, Srv

QUERY_SECONDS: Final = 3.0  # for one question, all servers and repetitions included
MAX_CACHED: Final = 2_000  # answers; the least recently used go first


class DnsLookup:
    """Asks the system's name servers, or `servers` at `port`."""

    def __init__(self, servers: Sequence[str] | None = None, port: int = 53) -> None:
        if servers is None:
            try:
                resolver = dns.asyncresolver.Resolver()
            except dns.resolver.NoResolverConfiguration:
                resolver = dns.asyncresolver.Resolver(configure=False)  # no network yet: each look-up fails
        else:
            resolver = dns.asyncresolver.Resolver(configure=False)
            resolver.nameservers = list(servers)
            resolver.port = port
        resolver.cache = dns.resolver.LRUCache(MAX_CACHED)
        self._resolver = resolver

    async def naptr(self, domain: str) -> Sequence[Naptr]:
        """NAPTR records that end the search (flag "s", RFC 3263 4.1)."""
        return [
            Naptr(
                r.order, r.preference, r.service.decode("ascii", "replace"), r.replacement.to_text(omit_final_dot=True)
            )
            for r in await self._ask(domain, "NAPTR")
            if r.flags.lower() == b"s"
        ]

    async def srv(self, name: str) -> Sequence[Srv]:
        """SRV records."""
        return [
            Srv(r.priority, r.weight, r.port, r.target.to_text(omit_final_dot=True))
            for r in await self._ask(name, "SRV")
        ]

    async def addresses(self, host: str) -> Sequence[str]:
        """A before AAAA: trunks reached by IPv6 alone are rare, broken IPv6 is not."""
        if "." not in host:
            # The machine's own names (localhost, containers) are in its hosts file, which DNS does not know.
            return await self._local(host)
        four, six = await asyncio.gather(self._ask(host, "A"), self._ask(host, "AAAA"))
        return [r.address for r in (*four, *six)]

    async def _local(self, host: str) -> Sequence[str]:
        loop = asyncio.get_running_loop()
        try:
            found = await loop.getaddrinfo(host, None, type=socket.SOCK_DGRAM)
        except OSError as problem:
            raise LookupFailed(f"{host}: {problem.strerror}") from problem
        return list(dict.fromkeys(str(address[0]) for *_, address in sorted(found, key=lambda one: one[0])))

    async def _ask(self, name: str, kind: str) -> Iterable[Any]:
        try:
            answer = await self._resolver.resolve(
                name, kind, lifetime=QUERY_SECONDS, raise_on_no_answer=False, search=False
            )
        except dns.resolver.NXDOMAIN:
            return ()
        except (dns.exception.DNSException, OSError, UnicodeError) as problem:
            raise LookupFailed(f"{kind}: {type(problem).__name__}") from problem
        return answer.rrset or ()
