"""The front door of trunks."""

from centrala.telephony.trunks.service.examples import example, test_trunk, usual_failover
from centrala.telephony.trunks.service.trunks import (
    PURPOSE,
    change_trunk,
    create_trunk,
    export_trunks,
    list_trunks,
    read_trunk,
    remove_trunk,
)
from centrala.telephony.trunks.service.watched import all_trunks, all_watched, candidate, record_health, stored_usable

__all__ = [
    "PURPOSE",
    "all_trunks",
    "all_watched",
    "candidate",
    "change_trunk",
    "create_trunk",
    "example",
    "export_trunks",
    "list_trunks",
    "read_trunk",
    "record_health",
    "remove_trunk",
    "stored_usable",
    "test_trunk",
    "usual_failover",
]
