"""The front door of reports."""

from centrala.reports.service.measure import export_measures, export_rows, list_rows, read_measures
from centrala.reports.service.occupied import export_occupancy, read_occupancy
from centrala.reports.service.period import Asked
from centrala.reports.service.spans import Period, export_spans, list_spans
from centrala.reports.service.state import read_state
from centrala.reports.service.times import export_times, read_times

__all__ = [
    "Asked",
    "Period",
    "export_measures",
    "export_occupancy",
    "export_rows",
    "export_spans",
    "export_times",
    "list_rows",
    "list_spans",
    "read_measures",
    "read_occupancy",
    "read_state",
    "read_times",
]
