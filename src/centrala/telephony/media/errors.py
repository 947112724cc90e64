"""What can go wrong between the app and the media engine, and whose fault it is."""


class MediaError(Exception):
    """The media engine did not do what it was asked."""


class MediaRefused(MediaError):
    """The engine understood and said no; nothing was changed.

    `code` is one of section 10 of docs/media-protocol.md, `reason` a sentence for the log.
    """

    def __init__(self, command: str, code: str, reason: str) -> None:
        super().__init__(f"{command}: {code}: {reason}")
        self.command = command
        self.code = code
        self.reason = reason


class MediaGone(MediaError):
    """The connection was lost before the answer came: the command may or may not have been done.

    `list` tells after the reconnection, because ids are chosen by us.
    """
