"""The front door of the calls."""

from centrala.telephony.calls.service.calls import Calls
from centrala.telephony.calls.service.context import CallSettings, Context
from centrala.telephony.calls.service.sounds import Collected, CollectEnd

__all__ = ["CallSettings", "Calls", "CollectEnd", "Collected", "Context"]
