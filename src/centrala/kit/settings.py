"""What can be set, a frozen model for each part; rooms receive the part that concerns them.

The descriptions are the administrator's documentation: docs/settings.md is generated from them. How
the values are found (file, environment) is the business of `centrala.node.settings`.
"""

from enum import StrEnum
from ipaddress import IPv4Address, IPv6Address
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import AnyHttpUrl, BaseModel, ConfigDict, Field, SecretStr, model_validator

Port = Annotated[int, Field(ge=1, le=65535)]
LOOPBACK: Final = "127.0.0.1"


class Part(BaseModel):
    """One table of the settings file."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class WebSettings(Part):
    """The desk, the API and the live feed."""

    host: str = Field(
        LOOPBACK,
        description="Address that the web server listens on. `0.0.0.0` opens it to the network; "
        "put a server with TLS in front of it then.",
    )
    port: Port = Field(8080, description="Port of the web server.")
    public_url: AnyHttpUrl | None = Field(
        None,
        description="Address under which browsers reach the desk, for links and for the check of "
        "where a request comes from. Unset: `http://<host>:<port>`. With `https` the session "
        "cookie is sent over TLS only.",
    )
    trusted_proxies: tuple[str, ...] = Field(
        (LOOPBACK,),
        description="Addresses or networks of reverse proxies whose `X-Forwarded-For` and "
        "`X-Forwarded-Proto` are believed.",
    )

    @property
    def url(self) -> str:
        """Where browsers reach the desk, without a slash at the end."""
        if self.public_url is not None:
            return str(self.public_url).rstrip("/")
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"


class SipSettings(Part):
    """Telephones and trunks."""

    host: str = Field(LOOPBACK, description="Address that SIP listens on.")
    public_address: IPv4Address | IPv6Address | None = Field(
        None, description="Address told to phones and carriers when it differs from `host`, as behind NAT."
    )
    udp_port: Port = Field(5060, description="Port of SIP over UDP.")
    tcp_port: Port = Field(5060, description="Port of SIP over TCP.")
    tls_port: Port = Field(5061, description="Port of SIP over TLS; open when there is a certificate.")
    tls_certificate: Path | None = Field(
        None, description="PEM file of the certificate for SIP over TLS, with its chain. Read again when it changes."
    )
    tls_key: Path | None = Field(
        None, description="PEM file of its private key. Unset: it is in the file of the certificate."
    )
    tls_authorities: Path | None = Field(
        None,
        description="PEM file of the authorities that carriers' certificates are checked against. Unset: the system's.",
    )
    digest: list[Literal["SHA-256", "MD5"]] = Field(
        ["MD5"],
        min_length=1,
        description="Digest algorithms offered to desk phones, the best liked first. Many phones fail at a challenge "
        "that names SHA-256, even beside MD5; the secrets that Centrala makes are too long to be found through MD5.",
    )
    trace_days: int = Field(
        3,
        ge=0,
        le=90,
        description="How long the SIP messages of calls and of failed registrations are kept (days), for the ladder "
        "diagram of a call. Passwords and keys in them are masked, telephone numbers are not. 0: none is kept.",
    )
    trace_mb: int = Field(
        500, ge=1, le=100_000, description="Beyond this much text (MB) the oldest SIP messages go before their time."
    )


class MediaSettings(Part):
    """The media engine: audio to and from telephones and browsers."""

    host: IPv4Address | IPv6Address = Field(IPv4Address(LOOPBACK), description="Address that audio is received on.")
    public_address: IPv4Address | IPv6Address | None = Field(
        None,
        description="Address told to the other side when it differs from `host`, as behind NAT.",
    )
    music: Path | None = Field(
        None, description="Sound file (WAV) for who is on hold. Unset: a melody that Centrala makes."
    )
    first_port: int = Field(20000, ge=1024, le=65534, description="First port of the RTP range.")
    last_port: int = Field(29999, ge=1025, le=65535, description="Last port of the RTP range.")
    webrtc_port: int = Field(
        0,
        ge=0,
        le=65535,
        description="First UDP port for browsers, one for each worker thread; 0: any free port.",
    )
    workers: int | None = Field(None, ge=1, le=64, description="Worker threads. Unset: one for each core.")
    grace_seconds: int = Field(
        30,
        ge=0,
        le=3600,
        description="How long calls outlive the app, so that a restart does not end them.",
    )

    silence_seconds: int = Field(
        0,
        ge=0,
        le=3600,
        description="A conversation ends when nothing at all has come from one side for so long, as after a power cut; "
        "not while somebody is on hold, waits or listens to a menu. 60 suits phones that send all the time; "
        "phones that suppress silence need more. 0: never.",
    )

    @model_validator(mode="after")
    def _range_is_a_range(self) -> "MediaSettings":
        if self.last_port <= self.first_port:
            raise ValueError("last_port must be above first_port")
        return self


class DatabaseSettings(Part):
    """PostgreSQL: the embedded one, unless `url` names a server."""

    url: SecretStr | None = Field(
        None,
        description="Address of a PostgreSQL server (16 or newer) as the role that owns the "
        "database: `postgresql://owner:password@host/centrala`. It needs CREATEROLE, or `app_url` "
        "beside it. Unset: the embedded PostgreSQL in the data folder.",
    )
    app_url: SecretStr | None = Field(
        None,
        description="Address as the role that the program works as, which must not bypass "
        "row-level security. Unset: Centrala makes the role `centrala_app` with a password of its "
        "own. Set it when several nodes share one server.",
    )
    connections: int = Field(
        10,
        ge=2,
        le=50,
        description="Connections that the app keeps open for changes, at a peak twice as many; up to 6 more only read.",
    )


class LogLevel(StrEnum):
    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class LogSettings(Part):
    """The log: one JSON object a line on the standard error output."""

    level: LogLevel = Field(LogLevel.INFO, description="The least that is written.")
    personal: bool = Field(
        False,  # noqa: FBT003 - a default
        description="Write personal data (telephone numbers, addresses, names) instead of "
        "`[redacted]`. Turn it on only while you look for a fault, and delete that log.",
    )


class LimitsSettings(Part):
    """Caps on what comes from outside."""

    request_bytes: int = Field(
        1_000_000,
        ge=10_000,
        description="Largest body of a request to the API, in bytes; a larger one is answered with 413.",
    )


class StorageKind(StrEnum):
    """Where recordings are kept when their call is over."""

    DISK = "disk"
    S3 = "s3"


class StorageSettings(Part):
    """Space on the disk of the data folder, and where recordings are kept: always encrypted."""

    min_free_mb: int = Field(500, ge=0, description="Below this much free space (MB) Centrala does not start.")
    warn_free_mb: int = Field(5_000, ge=0, description="Below this much free space (MB) `centrala doctor` warns.")
    quota_gb: int | None = Field(
        None,
        ge=1,
        description="`centrala doctor` warns when the files of the data folder, without the "
        "database, take more (GB). Unset: no quota.",
    )
    recordings: StorageKind = Field(
        StorageKind.DISK,
        description="Where recordings go when their call is over: into the data folder, or to a server that speaks "
        "S3. Those that are kept already stay where they are and can be played as long as both are set.",
    )
    s3_endpoint: AnyHttpUrl | None = Field(
        None, description="Address of the S3 server, as of MinIO; buckets are addressed by path. Unset: AWS."
    )
    s3_region: str = Field("us-east-1", description="Region of the S3 server; most that are not AWS take any.")
    s3_bucket: str | None = Field(None, description="Bucket for recordings; it must exist.")
    s3_prefix: str = Field("centrala/", description="What the keys of objects begin with.")
    s3_access_key: SecretStr | None = Field(None, description="Access key of S3.")
    s3_secret_key: SecretStr | None = Field(None, description="Secret key of S3.")

    @model_validator(mode="after")
    def _s3_has_a_bucket(self) -> "StorageSettings":
        if self.recordings is StorageKind.S3 and not self.s3_bucket:
            raise ValueError("recordings on S3 need s3_bucket")
        return self


class FlowsSettings(Part):
    """What callers meet first."""

    http_hosts: tuple[str, ...] = Field(
        (),
        description="Servers that flows may ask, as `crm.example.org` or `crm.example.org:8443`. A flow "
        "reaches no other: whoever draws flows must not reach into the network of the centre. Empty: none.",
    )


class RetentionSettings(Part):
    """How long is kept what no project's own rules are about; the rest is deleted at night."""

    facts_days: int = Field(
        90,
        ge=30,
        le=3650,
        description="Days that facts stay in the event log, by which open pages follow what happens.",
    )
    states_days: int = Field(
        1095,
        ge=31,
        le=3650,
        description="Days that operators' states are kept; reports of times and occupancy reach as far back.",
    )
    notices_days: int = Field(90, ge=1, le=3650, description="Days that notices and alerts are kept.")


class NodeSettings(Part):
    """The processes of this machine."""

    stop_seconds: int = Field(
        20,
        ge=1,
        le=600,
        description="How long an orderly stop may take before what is left is killed.",
    )


class Folders(BaseModel):
    """Where the parts of the data folder are."""

    model_config = ConfigDict(frozen=True)

    data: Path

    @property
    def files(self) -> Path:
        """What people uploaded or the program produced; saved by a backup."""
        return self.data / "files"

    @property
    def recordings(self) -> Path:
        """Recorded calls; saved by a backup."""
        return self.data / "recordings"

    @property
    def secrets(self) -> Path:
        return self.data / "secrets"

    @property
    def run(self) -> Path:
        """Sockets, lock and status of the running processes; made anew at each start."""
        return self.data / "run"

    @property
    def postgres(self) -> Path:
        return self.data / "postgres"

    @property
    def setup_link(self) -> Path:
        """The address that creates the first administrator, while there is none."""
        return self.run / "setup-link"

    @property
    def demo_sign_in(self) -> Path:
        """Sign-in links of the demo's people."""
        return self.data / "demo-sign-in.txt"

    @property
    def process_status(self) -> Path:
        """JSON of `ProcessStatus`, written by the supervisor whenever something changes."""
        return self.run / "processes.json"


class AppSettings(BaseModel):
    """All that app and worker need to know."""

    model_config = ConfigDict(frozen=True)

    web: WebSettings = WebSettings()
    sip: SipSettings = SipSettings()
    media: MediaSettings = MediaSettings()
    log: LogSettings = LogSettings()
    limits: LimitsSettings = LimitsSettings()
    storage: StorageSettings = StorageSettings()
    flows: FlowsSettings = FlowsSettings()
    retention: RetentionSettings = RetentionSettings()
    folders: Folders
    database_url: SecretStr = Field(
        description="SQLAlchemy URL (postgresql+psycopg) of the role under row-level security."
    )
    database_connections: int = 10
    secret_key: SecretStr = Field(
        description="256 random bits of this installation, URL-safe; derive a key per purpose."
    )
    media_control: str = Field(description="Control address of the media engine: `unix:PATH` or `tcp:ADDRESS:PORT`.")
    demo: bool = Field(
        default=False,
        description="The sample centre: 1001, 1002 and 1003 reach its projects for any caller on loopback.",
    )


class ProcessState(StrEnum):
    """What the supervisor knows of a process. The moves between them: `centrala.node.machine`."""

    STARTING = "starting"
    RUNNING = "running"
    WAITING = "waiting"  # died; is started again after a pause
    STOPPING = "stopping"
    STOPPED = "stopped"


class ProcessStatus(BaseModel):
    """One process, as `Folders.process_status` lists it."""

    model_config = ConfigDict(frozen=True)

    name: str
    state: ProcessState
    since: float = Field(description="Unix time in seconds of the last change of `state`.")
    restarts: int
    pid: int | None
