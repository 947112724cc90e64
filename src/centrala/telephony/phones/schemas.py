"""The HTTP shapes of phones."""

from datetime import datetime
from typing import Annotated, Final
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from centrala.kit.forms import Change, Form, Label, Line, unsent
from centrala.kit.live import Card

MAX_MODEL: Final = 80  # characters

Model = Annotated[Line, Field(max_length=MAX_MODEL, examples=["Yealink T31P"])]


class PhoneIn(Form):
    model_config = ConfigDict(
        json_schema_extra={"examples": [{"person_id": "01890a5d-ac96-774b-bcce-b302099a8057", "label": "Desk 14"}]}
    )

    person_id: UUID
    label: Annotated[Label, Field(min_length=1)]
    model: Model = ""


class PhoneChange(Change):
    person_id: UUID = unsent()
    label: Annotated[Label, Field(min_length=1)] = unsent()
    model: Model = unsent()


class PhoneOut(BaseModel):
    id: UUID
    person_id: UUID
    person_name: str
    label: str
    model: str
    user: str = Field(description="The SIP user and authorization name.")
    secret_at: datetime = Field(description="When the present secret was made.")
    disabled_at: datetime | None
    registered_until: datetime | None = Field(description="null: cannot be called now.")
    registered_at: datetime | None = Field(description="The last time that it came.")
    address: str = Field(description="From where, that time.")
    user_agent: str = Field(description="What it said of itself, that time.")
    version: int


class Provisioning(BaseModel):
    """What is typed into the phone, or read from the code. The password is shown this once."""

    server: str
    ports: dict[str, int] = Field(description="By transport: udp, tcp, tls.", examples=[{"udp": 5060}])
    user: str
    password: str
    realm: str
    display_name: str
    uri: str = Field(description="All of it as a SIP URI (RFC 3261 section 19.1).")
    qr_svg: str = Field(description="`uri` as a QR code (SVG).")


class NewPhone(BaseModel):
    phone: PhoneOut
    provisioning: Provisioning


class PhoneCard(Card):
    person_id: UUID
    label: str
    disabled: bool
    registered: bool


class BrowserPhone(BaseModel):
    """How the desk registers. Renew before `expires_at`."""

    ws_url: str = Field(description="Relative to the desk's own address.", examples=["/api/sip"])
    aor: str = Field(description="The address of record.", examples=["sip:018f@centrala.example"])
    user: str = Field(description="The authorization name.")
    password: str
    realm: str
    display_name: str
    codecs: list[str] = Field(description="In the order of the offer.")
    expires_at: datetime
    register_seconds: int = Field(description="The interval to ask for when registering.")
    echo: str = Field(description="What to dial to hear oneself, for a minute at most.")
