"""SIP without input or output: bytes or commands and `now` in; messages, events and the next
deadline out.

The parts, from the bottom up (docs/sip.md tells how they work together):

- `limits`, `errors`, `tokens`: caps, refusals with their SIP status, injected randomness.
- `text`, `uri`, `headers`: the grammar of RFC 3261 section 25 as typed values.
- `message`, `parser`, `framing`, `validate`: messages from datagrams and streams, and their checks.
- `transaction`: the four machines of RFC 3261 section 17 with RFC 6026, and their layer.
- `dialog`: RFC 3261 section 12, storable.
- `sdp`, `offer`: RFC 8866 and RFC 3264 for RTP/AVP, RTP/SAVP and UDP/TLS/RTP/SAVPF.
- `digest`, `registrar`, `session_timer`, `refer`, `dtmf`, `identity`: one RFC each.
- `agent`: the user agent that ties them.
"""
