"""Digest authentication on both sides: RFC 7616 as RFC 8760 brings it to SIP, MD5 and SHA-256.

The server's nonces carry their birth and a seal, so none has to be kept before it is used; what is
kept, capped, is the highest nonce count of those in use, against replays.
"""

from __future__ import annotations

import hashlib
import hmac
from collections import OrderedDict
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from centrala.telephony.sip.errors import ParseError
from centrala.telephony.sip.headers.auth import AuthValue, parse_auth
from centrala.telephony.sip.message import Request, Response
from centrala.telephony.sip.tokens import TokenSource

NONCE_LIFE: Final = 300.0  # seconds; then the client is told stale=true and repeats
MAX_NONCES: Final = 50_000  # nonces whose counts are kept; those used longest ago go first
MAX_COUNT: Final = 0xFFFFFFFF  # nc is eight hex digits
_SEAL: Final = 32  # hex digits of a nonce's seal


class Algorithm(StrEnum):
    """Hash algorithms; the strongest is offered first (RFC 8760 2.3)."""

    SHA256 = "SHA-256"
    MD5 = "MD5"


def _hash(algorithm: Algorithm, text: str) -> str:
    data = text.encode()
    if algorithm is Algorithm.MD5:
        return hashlib.md5(data, usedforsecurity=False).hexdigest()
    return hashlib.sha256(data).hexdigest()


def make_ha1(algorithm: Algorithm, user: str, realm: str, password: str) -> str:
    """Return H(user:realm:password), which a server may keep instead of the password."""
    return _hash(algorithm, f"{user}:{realm}:{password}")


def _algorithm(value: AuthValue) -> Algorithm | None:
    name = value.get("algorithm").upper() or "MD5"
    return next((a for a in Algorithm if a.value == name), None)


def compute(algorithm: Algorithm, ha1: str, method: str, body: bytes, value: AuthValue) -> str:
    """Return the response of RFC 7616 3.4.1 for the nonce, uri, qop, nc and cnonce in `value`."""
    qop = value.get("qop")
    a2 = f"{method}:{value.get('uri')}"
    if qop == "auth-int":
        digest = hashlib.md5(body, usedforsecurity=False) if algorithm is Algorithm.MD5 else hashlib.sha256(body)
        a2 += f":{digest.hexdigest()}"
    ha2 = _hash(algorithm, a2)
    nonce = value.get("nonce")
    if not qop:  # RFC 2069 clients
        return _hash(algorithm, f"{ha1}:{nonce}:{ha2}")
    return _hash(algorithm, f"{ha1}:{nonce}:{value.get('nc')}:{value.get('cnonce')}:{qop}:{ha2}")


class Verdict(StrEnum):
    """What the server makes of a request's credentials."""

    OK = "ok"
    MISSING = "missing"  # challenge
    STALE = "stale"  # challenge with stale=true: the password was right
    WRONG = "wrong"  # challenge again, and count the attempt against the account


@dataclass(frozen=True, slots=True)
class Claim:
    """What credentials say before they are checked."""

    value: AuthValue
    algorithm: Algorithm
    user: str


@dataclass(slots=True)
class DigestServer:
    """Challenges and checks for one realm. `secret` seals nonces: the same on all nodes."""

    realm: str
    secret: bytes
    tokens: TokenSource
    algorithms: tuple[Algorithm, ...] = (Algorithm.SHA256, Algorithm.MD5)
    life: float = NONCE_LIFE
    _counts: OrderedDict[str, int] = field(default_factory=OrderedDict)

    def _seal(self, body: str) -> str:
        digest = hmac.new(self.secret, f"{self.realm}:{body}".encode(), hashlib.sha256)
        return digest.hexdigest()[:_SEAL]

    def make_nonce(self, now: float) -> str:
        """Return a new nonce; `now` on a clock that all holders of the secret share."""
        body = f"{int(now * 1000):x}.{self.tokens.token(96)}"
        return f"{body}.{self._seal(body)}"

    def challenges(self, now: float, *, stale: bool = False, proxy: bool = False) -> list[tuple[str, str]]:
        """Return the fields of a 401 (or 407), strongest algorithm first."""
        name = "Proxy-Authenticate" if proxy else "WWW-Authenticate"
        nonce = self.make_nonce(now)
        fields = []
        for algorithm in self.algorithms:
            params = {
                "realm": self.realm,
                "nonce": nonce,
                "algorithm": algorithm.value,
                "qop": "auth,auth-int",
            }
            if stale:
                params["stale"] = "true"
            fields.append((name, AuthValue("Digest", params).write(challenge=True)))
        return fields

    def claim(self, request: Request, *, proxy: bool = False) -> Claim | None:
        """Return the credentials for this realm, unchecked, or None."""
        name = "proxy-authorization" if proxy else "authorization"
        try:
            values = request.auths(name)
        except ParseError:
            return None
        for value in values:
            algorithm = _algorithm(value)
            if value.scheme.lower() == "digest" and value.get("realm") == self.realm and algorithm in self.algorithms:
                return Claim(value, algorithm, value.get("username"))
        return None

    def check(self, request: Request, claim: Claim | None, ha1: str | None, now: float) -> Verdict:
        """Judge a claim; `ha1` None when there is no such user, which takes the same time."""
        if claim is None:
            return Verdict.MISSING
        value = claim.value
        secret = ha1 or make_ha1(claim.algorithm, claim.user, self.realm, "\0no such user")
        wanted = compute(claim.algorithm, secret, request.method, request.body, value)
        right = hmac.compare_digest(wanted.encode(), value.get("response").lower().encode())
        # RFC 7616 3.4.6 would compare uri with the Request-URI, but SIP proxies rewrite that one
        # (RFC 3261 22.4 drops the comparison); the count of the nonce is what stops a replay.
        if not right or ha1 is None or not value.get("uri"):
            return Verdict.WRONG
        return Verdict.OK if self._fresh(value, now) else Verdict.STALE

    def issued(self, nonce: str) -> bool:
        """Whether a nonce carries our seal, however old it is: who uses it has received a challenge of ours."""
        body, _, seal = nonce.rpartition(".")
        return hmac.compare_digest(seal.encode(), self._seal(body).encode())

    def _fresh(self, value: AuthValue, now: float) -> bool:
        nonce = value.get("nonce")
        if not self.issued(nonce):
            return False
        body = nonce.rpartition(".")[0]
        try:
            born = int(body.partition(".")[0], 16) / 1000
        except ValueError:
            return False
        if not born - 1.0 <= now <= born + self.life:
            return False
        return self._count(nonce, value)

    def _count(self, nonce: str, value: AuthValue) -> bool:
        """Many requests may use one nonce, each with a higher count (RFC 7616 3.4)."""
        if not value.get("qop"):
            count = 1  # no count to check: the nonce serves once
        else:
            try:
                count = int(value.get("nc"), 16)
            except ValueError:
                return False
        if not self._counts.get(nonce, 0) < count <= MAX_COUNT:
            return False
        self._counts[nonce] = count
        self._counts.move_to_end(nonce)
        while len(self._counts) > MAX_NONCES:
            self._counts.popitem(last=False)
        return True


@dataclass(frozen=True, slots=True)
class Credentials:
    """What we sign with; `realm` None fits any realm that challenges us."""

    user: str
    password: str = field(repr=False)
    realm: str | None = None


@dataclass(slots=True)
class DigestClient:
    """Answers challenges for one account and goes on using a nonce, counting, until it is stale."""

    credentials: Credentials
    tokens: TokenSource
    _kept: dict[str, tuple[AuthValue, Algorithm, bool]] = field(default_factory=dict)
    _counts: dict[str, int] = field(default_factory=dict)

    def challenged(self, response: Response) -> bool:
        """Take the challenges of a 401 or 407; False when none can be answered, or we were
        refused."""
        proxy = response.status == 407
        name = "proxy-authenticate" if proxy else "www-authenticate"
        best: dict[str, tuple[AuthValue, Algorithm, bool]] = {}
        for text in response.headers.all(name):
            try:
                value = parse_auth(text)
            except ParseError:
                continue
            algorithm = _algorithm(value)
            realm = value.get("realm")
            if value.scheme.lower() != "digest" or algorithm is None or not value.get("nonce"):
                continue
            if self.credentials.realm not in {None, realm}:
                continue
            # RFC 8760 2.4: the topmost challenge that we know wins.
            best.setdefault(realm, (value, algorithm, proxy))
        usable = {r: c for r, c in best.items() if not self._refused(r, c[0])}
        for realm, challenge in usable.items():
            self._kept[realm] = challenge
            self._counts[realm] = 0
        return bool(usable)

    def _refused(self, realm: str, value: AuthValue) -> bool:
        """The same nonce again without stale means that the password is wrong (RFC 3261 22.2)."""
        known = self._kept.get(realm)
        if known is None or self._counts.get(realm, 0) == 0:
            return False
        return value.get("stale").lower() != "true" and known[0].get("nonce") == value.get("nonce")

    def sign(self, request: Request) -> None:
        """Put credentials for every realm that has challenged us into the request."""
        request.headers.remove("authorization")
        request.headers.remove("proxy-authorization")
        for realm, (challenge, algorithm, proxy) in self._kept.items():
            self._counts[realm] += 1
            value = self._answer(request, challenge, algorithm, self._counts[realm])
            name = "Proxy-Authorization" if proxy else "Authorization"
            request.headers.add(name, value.write(challenge=False))

    def _answer(self, request: Request, challenge: AuthValue, algorithm: Algorithm, count: int) -> AuthValue:
        realm = challenge.get("realm")
        params = {
            "username": self.credentials.user,
            "realm": realm,
            "nonce": challenge.get("nonce"),
            "uri": request.target,
            "algorithm": algorithm.value,
        }
        offered = {q.strip().lower() for q in challenge.get("qop").split(",")}
        if offered & {"auth", "auth-int"}:
            params["qop"] = "auth" if "auth" in offered else "auth-int"
            params["cnonce"] = self.tokens.token(64)
            params["nc"] = f"{count:08x}"
        if challenge.get("opaque"):
            params["opaque"] = challenge.get("opaque")
        ha1 = make_ha1(algorithm, self.credentials.user, realm, self.credentials.password)
        value = AuthValue("Digest", params)
        params["response"] = compute(algorithm, ha1, request.method, request.body, value)
        return value
