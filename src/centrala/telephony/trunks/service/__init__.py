"""The front door of trunks."""

from centrala.telephony.trunks.service.caller_ids import create_caller_id, list_caller_ids, remove_caller_id
from centrala.telephony.trunks.service.dialling import (
    Assessed,
    Route,
    assess,
    begin_call,
    check,
    end_call,
    end_lost_calls,
    list_alarms,
    routes_for,
)
from centrala.telephony.trunks.service.examples import example, test_trunk, usual_failover
from centrala.telephony.trunks.service.prices import list_prices, replace_prices
from centrala.telephony.trunks.service.rules import (
    change_rule,
    create_rule,
    list_rules,
    read_dialling,
    read_rule,
    remove_rule,
)
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
    "Assessed",
    "Route",
    "all_trunks",
    "all_watched",
    "assess",
    "begin_call",
    "candidate",
    "change_rule",
    "change_trunk",
    "check",
    "create_caller_id",
    "create_rule",
    "create_trunk",
    "end_call",
    "end_lost_calls",
    "example",
    "export_trunks",
    "list_alarms",
    "list_caller_ids",
    "list_prices",
    "list_rules",
    "list_trunks",
    "read_dialling",
    "read_rule",
    "read_trunk",
    "record_health",
    "remove_caller_id",
    "remove_rule",
    "remove_trunk",
    "replace_prices",
    "routes_for",
    "stored_usable",
    "test_trunk",
    "usual_failover",
]
