"""The HTTP shapes of trunks."""

import ipaddress
import re
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Final
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StrictBool, StringConstraints
from pydantic_core import PydanticCustomError

from centrala.kit.forms import Change, CountryCode, Form, Line, Name, Note, unsent
from centrala.kit.live import Card
from centrala.telephony.trunks.models import TrunkKind as TrunkKind  # noqa: PLC0414 - a field of these forms
from centrala.telephony.trunks.numbers import MAX_DIALLED, MAX_RULES, Style

MAX_SOURCES: Final = 50  # addresses and networks of one carrier
MAX_HOST: Final = 253  # characters of a domain name (RFC 1035)
MAX_USER: Final = 128  # characters
MAX_SECRET: Final = 128  # characters
MAX_LINES: Final = 10_000  # simultaneous calls of one trunk
MAX_RATE: Final = 1_000  # calls per second of one trunk


class Transport(StrEnum):
    UDP = "udp"
    TCP = "tcp"
    TLS = "tls"


class Srtp(StrEnum):
    """Whether audio is encrypted (SDES, RFC 4568)."""

    OFF = "off"
    OPTIONAL = "optional"
    REQUIRED = "required"


class Codec(StrEnum):
    PCMU = "PCMU"
    PCMA = "PCMA"
    G722 = "G722"
    OPUS = "opus"


class Identity(StrEnum):
    """Where the shown number stands."""

    PAI = "pai"
    """P-Asserted-Identity (RFC 3325); From holds the account."""

    FROM = "from"
    """In From itself."""


_LABEL: Final = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?")  # RFC 1123 section 2.1


def _host(value: str) -> str:
    try:
        return str(ipaddress.ip_address(value.strip("[]")))
    except ValueError:
        if not all(_LABEL.fullmatch(label) for label in value.split(".")):
            raise PydanticCustomError("host", "Give a host name or an IP address.") from None
        return value.lower()


def _network(value: str) -> str:
    try:
        network = ipaddress.ip_network(value, strict=False)
    except ValueError:
        raise PydanticCustomError("network", "Give an IP address or a network such as 192.0.2.0/24.") from None
    if network.prefixlen == 0:
        raise PydanticCustomError("network_everything", "This network is the whole internet.")
    return str(network.network_address) if network.num_addresses == 1 else str(network)


def _distinct(values: list[Any]) -> list[Any]:
    return list(dict.fromkeys(values))


Host = Annotated[
    Line, Field(min_length=1, max_length=MAX_HOST, examples=["sip.carrier.example"]), AfterValidator(_host)
]
Proxy = Annotated[
    str,
    StringConstraints(pattern=r"^[A-Za-z0-9.:\[\]-]*$", max_length=MAX_HOST),
    Field(description="Outbound proxy with its port, when requests do not go to the host itself."),
]
Realm = Annotated[Line, Field(max_length=MAX_HOST, description="Empty: any realm that asks.")]
Port = Annotated[int, Field(strict=True, ge=1, le=65535)]
Source = Annotated[str, Field(max_length=50, examples=["192.0.2.10"]), AfterValidator(_network)]
Sources = Annotated[list[Source], Field(max_length=MAX_SOURCES), AfterValidator(_distinct)]
Codecs = Annotated[list[Codec], Field(min_length=1, max_length=len(Codec)), AfterValidator(_distinct)]
Cause = Annotated[int, Field(strict=True, ge=400, le=699)]
Causes = Annotated[list[Cause], Field(max_length=100), AfterValidator(_distinct)]
User = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9+_.~!*'()-]*$", max_length=MAX_USER)]
Digits = Annotated[str, StringConstraints(pattern=r"^\+?[0-9*#]*$", max_length=16)]
Lines = Annotated[int, Field(strict=True, ge=1, le=MAX_LINES)]
Rate = Annotated[int, Field(strict=True, ge=1, le=MAX_RATE)]
Place = Annotated[int, Field(strict=True, ge=0, le=1000)]
Watch = Annotated[int, Field(strict=True, ge=0, le=3600, description="Seconds between OPTIONS; 0: not watched.")]
Expires = Annotated[int, Field(strict=True, ge=60, le=86_400, description="Seconds that a registration is asked for.")]
E164 = Annotated[str, StringConstraints(pattern=r"^(\+[1-9][0-9]{5,14})?$", max_length=16)]
Secret = Annotated[str, Field(max_length=MAX_SECRET, description="Kept sealed; never shown again.")]


class RuleForm(Form):
    """A number that begins with `prefix` loses its first `strip` characters and gets `add` in front."""

    model_config = ConfigDict(from_attributes=True)

    prefix: Digits = ""
    strip: Annotated[int, Field(strict=True, ge=0, le=MAX_DIALLED)] = 0
    add: Digits = ""


Rules = Annotated[list[RuleForm], Field(max_length=MAX_RULES)]


class TrunkIn(Form):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "name": "Carrier",
                    "kind": "register",
                    "transport": "udp",
                    "host": "sip.carrier.example",
                    "user": "37322000000",
                    "password": "a secret of the carrier",
                    "country": "MD",
                }
            ]
        }
    )

    name: Name
    enabled: StrictBool = True
    kind: TrunkKind
    transport: Transport = Transport.UDP
    host: Host = Field(description="The carrier's SIP domain or address.")
    port: Port | None = Field(default=None, description="Without one: by DNS (RFC 3263), or the standard port.")
    proxy: Proxy = ""
    user: User = ""
    realm: Realm = ""
    password: Secret | None = None
    expires: Expires = 300
    sources: Sources = Field(default_factory=list, description="Where calls of this carrier may come from.")
    srtp: Srtp = Srtp.OFF
    codecs: Codecs = Field(default_factory=lambda: [Codec.PCMA, Codec.PCMU], description="The best liked first.")
    priority: Place = Field(default=10, description="The smallest is tried first.")
    weight: Place = Field(default=10, description="Share of calls among trunks of one priority.")
    failover: Causes | None = Field(
        default=None, description="SIP causes after which the next trunk is tried; null: the usual ones."
    )
    watch_seconds: Watch = 60
    max_calls: Lines | None = None
    max_rate: Rate | None = Field(default=None, description="Calls per second.")
    country: CountryCode
    number_out: Style = Style.E164
    rules_out: Rules = Field(default_factory=list)
    number_in: Style = Style.E164
    rules_in: Rules = Field(default_factory=list)
    identity: Identity = Identity.PAI
    default_number: E164 = Field(default="", description="Shown when a project has none of its own.")
    note: Note = ""


class TrunkChange(Change):
    name: Name = unsent()
    enabled: StrictBool = unsent()
    kind: TrunkKind = unsent()
    transport: Transport = unsent()
    host: Host = unsent()
    port: Port | None = unsent()
    proxy: Proxy = unsent()
    user: User = unsent()
    realm: Realm = unsent()
    password: Secret = unsent()
    expires: Expires = unsent()
    sources: Sources = unsent()
    srtp: Srtp = unsent()
    codecs: Codecs = unsent()
    priority: Place = unsent()
    weight: Place = unsent()
    failover: Causes | None = unsent()
    watch_seconds: Watch = unsent()
    max_calls: Lines | None = unsent()
    max_rate: Rate | None = unsent()
    country: CountryCode = unsent()
    number_out: Style = unsent()
    rules_out: Rules = unsent()
    number_in: Style = unsent()
    rules_in: Rules = unsent()
    identity: Identity = unsent()
    default_number: E164 = unsent()
    note: Note = unsent()


class HealthState(StrEnum):
    """What the page says first."""

    OFF = "off"
    STARTING = "starting"
    UP = "up"
    FAILING = "failing"


class HealthOut(BaseModel):
    """What the program knows of a trunk, and since when."""

    model_config = ConfigDict(from_attributes=True)

    state: HealthState
    registered: bool | None = Field(description="null: this trunk does not register, or has not yet.")
    reachable: bool | None = Field(description="By OPTIONS; null: not watched, or not asked yet.")
    reason: str = Field(description="Stable; the desk translates it.", examples=["refused"])
    status: int = Field(description="The last SIP status; 0: no answer came.")
    failures: int = Field(description="In a row.")
    calls: int = Field(description="Calls over it now.")
    since: datetime | None
    checked_at: datetime | None
    next_at: datetime | None = Field(description="When it is tried again.")


class TrunkOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: UUID
    name: str
    enabled: bool
    kind: TrunkKind
    transport: Transport
    host: str
    port: int | None
    proxy: str
    user: str
    realm: str
    has_password: bool
    expires: int
    sources: list[str]
    srtp: Srtp
    codecs: list[Codec]
    priority: int
    weight: int
    failover: list[int] | None
    watch_seconds: int
    max_calls: int | None
    max_rate: int | None
    country: str
    number_out: Style
    rules_out: list[RuleForm]
    number_in: Style
    rules_in: list[RuleForm]
    identity: Identity
    default_number: str
    note: str
    health: HealthOut
    version: int


class TrunkCard(Card):
    name: str
    enabled: bool
    health: HealthOut
    max_calls: int | None


class FailoverOut(BaseModel):
    """A SIP cause after which the next trunk is usually tried."""

    cause: int
    why: str = Field(description="In English, for people who read the API.")


class ExampleIn(Form):
    """A number to see through the rules of a trunk that need not be saved yet."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"number": "022 123 456", "country": "MD", "number_out": "national"}]}
    )

    number: Annotated[Line, Field(min_length=1, max_length=MAX_DIALLED)]
    country: CountryCode
    number_out: Style = Style.E164
    rules_out: Rules = Field(default_factory=list)
    number_in: Style = Style.E164
    rules_in: Rules = Field(default_factory=list)


class ExampleOut(BaseModel):
    e164: str | None = Field(description="The number as the centre keeps it; null: not a number.")
    emergency: bool
    sent: str | None = Field(description="What the carrier gets.")
    read: str | None = Field(description="What a call from this number becomes when the carrier writes it as typed.")


class TestMessage(BaseModel):
    """A message that would go to the carrier; the password is not in it."""

    method: str
    text: str


class TestOut(BaseModel):
    would_send: list[TestMessage]
    problems: list[str] = Field(description="Stable codes of what stands in the way; the desk translates them.")
