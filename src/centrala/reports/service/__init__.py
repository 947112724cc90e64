"""The front door of reports."""

from centrala.reports.service.measure import export_measures, export_rows, list_rows, read_measures
from centrala.reports.service.period import Asked
from centrala.reports.service.state import read_state

__all__ = ["Asked", "export_measures", "export_rows", "list_rows", "read_measures", "read_state"]
