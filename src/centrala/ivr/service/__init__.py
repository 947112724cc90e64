"""The front door of flows."""

from centrala.ivr.service.checking import check_stored
from centrala.ivr.service.flows import (
    archive_flow,
    change_flow,
    create_flow,
    list_flows,
    restore_flow,
    save_draft,
)
from centrala.ivr.service.numbers import flow_ids_of_numbers, list_number_flows, read_number_flow, route_number
from centrala.ivr.service.opening import Opened, open_draft, open_number, open_version
from centrala.ivr.service.prompts import (
    change_prompt,
    create_prompt,
    list_prompts,
    list_sentences,
    read_prompt,
    remove_prompt,
    remove_sound,
    upload_sound,
)
from centrala.ivr.service.reach import reach_flow
from centrala.ivr.service.shown import show_flow, show_flows
from centrala.ivr.service.simulation import simulate
from centrala.ivr.service.transport import copy_flow, file_of_flow, import_flow
from centrala.ivr.service.versions import list_versions, publish_flow, read_version, roll_back_flow
from centrala.ivr.service.voice import Voice, speech_folder, voice_of
from centrala.ivr.service.voicemails import change_voicemail, keep_voicemail, list_voicemails

__all__ = [
    "Opened",
    "Voice",
    "archive_flow",
    "change_flow",
    "change_prompt",
    "change_voicemail",
    "check_stored",
    "copy_flow",
    "create_flow",
    "create_prompt",
    "file_of_flow",
    "flow_ids_of_numbers",
    "import_flow",
    "keep_voicemail",
    "list_flows",
    "list_number_flows",
    "list_prompts",
    "list_sentences",
    "list_versions",
    "list_voicemails",
    "open_draft",
    "open_number",
    "open_version",
    "publish_flow",
    "reach_flow",
    "read_number_flow",
    "read_prompt",
    "read_version",
    "remove_prompt",
    "remove_sound",
    "restore_flow",
    "roll_back_flow",
    "route_number",
    "save_draft",
    "show_flow",
    "show_flows",
    "simulate",
    "speech_folder",
    "upload_sound",
    "voice_of",
]
