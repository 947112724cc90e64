"""Caps on whatever a peer controls. Past a cap the message is refused with the status named
here."""

from __future__ import annotations

from typing import Final

# Messages
MAX_DATAGRAM: Final = 65_535  # bytes; the largest UDP payload there is
MAX_HEAD: Final = 32_768  # bytes from the start line to the empty line; 400
MAX_BODY: Final = 65_536  # bytes; 413
MAX_HEADER_LINES: Final = 192  # header fields in a message; 400
MAX_HEADER_VALUE: Final = 8_192  # characters of one field after unfolding; 400
MAX_METHOD: Final = 64  # characters; 400
MAX_URI: Final = 2_048  # characters of a Request-URI; 414
MAX_KEEPALIVE_RUN: Final = 64  # bytes of CR and LF before a start line on a stream; 400

# Header values
MAX_PARAMS: Final = 64  # parameters of one header value or URI
MAX_LIST: Final = 96  # values of one comma-separated header in a message
MAX_VIA: Final = 72  # hops; Max-Forwards starts at 70 (RFC 3261 8.1.1.6)
MAX_ROUTES: Final = 32  # entries of a route set
MAX_OPTION_TAGS: Final = 32  # in Require, Supported, Allow
MAX_CSEQ: Final = 2**31 - 1  # RFC 3261 8.1.1.5: below 2**31
MAX_SECONDS: Final = 2**32 - 1  # delta-seconds (RFC 3261 20.19)
MAX_FORWARDS: Final = 255  # RFC 3261 20.22
DEFAULT_MAX_FORWARDS: Final = 70  # RFC 3261 8.1.1.6

# State that peers can make us keep
MAX_SERVER_TRANSACTIONS: Final = 20_000  # per agent; past it 503
MAX_CLIENT_TRANSACTIONS: Final = 20_000  # per agent; a command past it is refused
MAX_SESSIONS: Final = 10_000  # dialogs with an INVITE usage, per agent; past it 503
MAX_FORKS: Final = 16  # early dialogs of one INVITE; further ones are ignored
MAX_PENDING_RELIABLE: Final = 8  # reliable provisional responses queued on one INVITE
MAX_SUBSCRIPTIONS: Final = 4  # REFERs under way in one dialog; past it 486
MAX_AUTH_ROUNDS: Final = 3  # challenges answered for one request
MAX_PLACES: Final = 8  # places that one request is tried at (RFC 3263 4.3)

# Bodies
MAX_SDP: Final = 16_384  # bytes
MAX_SDP_LINE: Final = 2_048  # characters
MAX_SDP_MEDIA: Final = 16  # m-lines
MAX_SDP_ATTRIBUTES: Final = 256  # a-lines of one section
MAX_SDP_FORMATS: Final = 64  # payload types in one m-line
MAX_ICE_CANDIDATES: Final = 64  # of one m-line
MAX_CRYPTO_LINES: Final = 16  # of one m-line
MAX_SIPFRAG: Final = 4_096  # bytes of a message/sipfrag body
MAX_DTMF_BODY: Final = 256  # bytes of an INFO body with a digit
MAX_DTMF_MS: Final = 6_000  # milliseconds of one digit; longer is cut
