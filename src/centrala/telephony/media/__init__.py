"""The media engine as the app sees it: a client, and a fake that passes the same conformance suite.

`docs/media-protocol.md` describes the wire. `MediaCommands` is the port: typed commands over one `call`. `MediaClient`
speaks with the engine's process and comes back to it after a lost connection without losing an event; `FakeMedia` keeps
the same state in memory, remembers what it was asked, and fails on demand.
"""

from centrala.telephony.media.client import MediaClient
from centrala.telephony.media.commands import MediaCommands
from centrala.telephony.media.errors import MediaGone, MediaRefused
from centrala.telephony.media.events import MediaEvent
from centrala.telephony.media.fake import FakeMedia
from centrala.telephony.media.streams import AudioStream

__all__ = ["AudioStream", "FakeMedia", "MediaClient", "MediaCommands", "MediaEvent", "MediaGone", "MediaRefused"]
