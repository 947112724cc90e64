"""What a trunk would do with a number, and what it would send: for people who set one up."""

import os
from typing import Final
from uuid import UUID

from centrala.kit.errors import InvalidField, NotFound
from centrala.kit.vault import Vault
from centrala.kit.work import Work
from centrala.telephony.sip.agent.context import AgentConfig
from centrala.telephony.sip.agent.core import UserAgent
from centrala.telephony.sip.agent.events import Send
from centrala.telephony.sip.flow import Flow, Transport
from centrala.telephony.sip.tokens import SeededTokens
from centrala.telephony.trunks.core import FAILOVER
from centrala.telephony.trunks.keeper import options_message, registration_of
from centrala.telephony.trunks.models import Trunk, TrunkKind
from centrala.telephony.trunks.numbers import Rule, inward, is_emergency, knows, outward, read_dialled
from centrala.telephony.trunks.schemas import ExampleIn, ExampleOut, FailoverOut, RuleForm, TestMessage, TestOut
from centrala.telephony.trunks.service.watched import watched

_HERE: Final = ("192.0.2.1", 5060)  # RFC 5737: stands for our address, which the transport fills in


def rules_of(rules: list[RuleForm]) -> list[Rule]:
    return [Rule(prefix=rule.prefix, strip=rule.strip, add=rule.add) for rule in rules]


def usual_failover() -> list[FailoverOut]:
    """The causes after which the next trunk is tried unless a trunk says otherwise."""
    return [FailoverOut(cause=cause, why=why) for cause, why in FAILOVER.items() if cause]


def example(form: ExampleIn) -> ExampleOut:
    """A number through the rules of a trunk that need not be saved yet."""
    if not knows(form.country):
        raise InvalidField("country", "unknown_country", "There is no numbering plan of this country.")
    emergency = is_emergency(form.number, country=form.country)
    e164 = None if emergency else read_dialled(form.number, country=form.country)
    plain = form.number if emergency else e164
    sent = plain and outward(plain, style=form.number_out, country=form.country, rules=rules_of(form.rules_out))
    read = inward(form.number, style=form.number_in, country=form.country, rules=rules_of(form.rules_in))
    return ExampleOut(e164=e164, emergency=emergency, sent=sent, read=read)


async def test_trunk(work: Work, vault: Vault, trunk_id: UUID) -> TestOut:
    """The messages that would go out; nothing is sent, and no password is in them."""
    trunk = await work.session.get(Trunk, trunk_id)
    if trunk is None:
        raise NotFound
    one = watched(vault, trunk)
    tokens = SeededTokens(os.urandom(32))
    agent = UserAgent(AgentConfig(), tokens)
    flow = Flow(Transport(trunk.transport.upper()), _HERE, (_HERE[0], 5061), 0)
    messages = []
    if trunk.kind == TrunkKind.REGISTER:
        registration = registration_of(one, tokens, flow=flow)
        registration.start(0.0)
        messages.append(registration.due(0.0))
    messages.append(options_message(one, flow=flow))
    for message in messages:
        if message is not None:
            agent.send(message, 0.0)
    sent = [output.data.decode() for output in agent.outputs() if isinstance(output, Send)]
    return TestOut(
        would_send=[TestMessage(method=text.split(" ", 1)[0], text=text) for text in sent],
        problems=_problems(trunk),
    )


def _problems(trunk: Trunk) -> list[str]:
    found = []
    if not trunk.enabled:
        found.append("disabled")
    if trunk.srtp != "off" and trunk.transport != "tls":
        found.append("srtp_without_tls")  # RFC 4568 section 8: the keys stand in the message
    if not trunk.default_number:
        found.append("no_default_number")
    if not trunk.watch_seconds:
        found.append("not_watched")
    return found
