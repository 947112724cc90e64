"""The front door of the calls."""

from centrala.telephony.calls.service.calls import Calls, make_calls
from centrala.telephony.calls.service.context import CallSettings, Context

__all__ = ["CallSettings", "Calls", "Context", "make_calls"]
