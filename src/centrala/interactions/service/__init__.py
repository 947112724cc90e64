"""The front door of contacts."""

from centrala.interactions.core import Event, Phase, Result, Tally, TimelineKind
from centrala.interactions.journal import Journal, NewInteraction
from centrala.interactions.models import Interaction, RecordingFile, TimelineRow
from centrala.interactions.service.customers import erase_customer, merge_customers
from centrala.interactions.service.dispositions import (
    archive_disposition,
    change_disposition,
    create_disposition,
    list_dispositions,
    order_dispositions,
    read_disposition,
    restore_disposition,
)
from centrala.interactions.service.findings import ask_for_audit, export_findings, last_audit, list_findings
from centrala.interactions.service.keeping import (
    change_retention,
    effect_of,
    list_retention,
    read_retention,
    records_calls,
)
from centrala.interactions.service.listing import InteractionFilters, export_interactions, list_interactions
from centrala.interactions.service.playing import Audio, download, play
from centrala.interactions.service.promises import (
    PromiseFilters,
    change_promise,
    create_promise,
    keep_promise,
    list_promises,
    number_of_promise,
    read_promise,
)
from centrala.interactions.service.reading import read_interaction, reveal_interaction
from centrala.interactions.service.recordings import add_mark, read_recording, read_waveform, remove_mark
from centrala.interactions.service.scripts import (
    change_script,
    create_script,
    list_scripts,
    read_script,
    remove_script,
)
from centrala.interactions.service.writing import give_disposition, link_customer, write_note

__all__ = [
    "Audio",
    "Event",
    "Interaction",
    "InteractionFilters",
    "Journal",
    "NewInteraction",
    "Phase",
    "PromiseFilters",
    "RecordingFile",
    "Result",
    "Tally",
    "TimelineKind",
    "TimelineRow",
    "add_mark",
    "archive_disposition",
    "ask_for_audit",
    "change_disposition",
    "change_promise",
    "change_retention",
    "change_script",
    "create_disposition",
    "create_promise",
    "create_script",
    "download",
    "effect_of",
    "erase_customer",
    "export_findings",
    "export_interactions",
    "give_disposition",
    "keep_promise",
    "last_audit",
    "link_customer",
    "list_dispositions",
    "list_findings",
    "list_interactions",
    "list_promises",
    "list_retention",
    "list_scripts",
    "merge_customers",
    "number_of_promise",
    "order_dispositions",
    "play",
    "read_disposition",
    "read_interaction",
    "read_promise",
    "read_recording",
    "read_retention",
    "read_script",
    "read_waveform",
    "records_calls",
    "remove_mark",
    "remove_script",
    "restore_disposition",
    "reveal_interaction",
    "write_note",
]
