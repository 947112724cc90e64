"""What a process that serves contacts has beside telephony; it outlives a fault of telephony."""

from dataclasses import dataclass

from centrala.flows.desk.desks import Desks
from centrala.interactions.service import Journal
from centrala.ivr.service import Voice
from centrala.routing.service import Dispatcher


@dataclass(frozen=True, slots=True)
class Service:
    dispatcher: Dispatcher
    journal: Journal
    desks: Desks
    speaker: Voice
