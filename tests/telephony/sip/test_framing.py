"""Messages out of streams and datagrams, with the caps."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from centrala.telephony.sip import limits
from centrala.telephony.sip.errors import FramingError, ParseError
from centrala.telephony.sip.framing import KeepAlive, StreamFramer
from centrala.telephony.sip.message import Request
from centrala.telephony.sip.parser import parse_datagram
from centrala.telephony.sip.responses import answer_bad

HEAD = (
    "OPTIONS sip:b@example.com SIP/2.0\r\nVia: SIP/2.0/TCP h;branch=z9hG4bKx\r\n"
    "From: <sip:a@h>;tag=1\r\nTo: <sip:b@h>\r\nCall-ID: c\r\nCSeq: 1 OPTIONS\r\n"
)


def message(body: bytes = b"", extra: str = "") -> bytes:
    return f"{HEAD}{extra}Content-Length: {len(body)}\r\n\r\n".encode() + body


@given(st.lists(st.binary(max_size=40), min_size=1, max_size=4), st.data())
def test_stream_cut_anywhere_gives_the_same_messages(bodies: list[bytes], data: st.DataObject) -> None:
    stream = b"".join(message(body) for body in bodies)
    cuts = sorted(data.draw(st.sets(st.integers(1, len(stream) - 1), max_size=12)))
    framer = StreamFramer()
    items = []
    for start, end in zip([0, *cuts], [*cuts, len(stream)], strict=True):
        items += framer.feed(stream[start:end])
    assert [item.body for item in items if isinstance(item, Request)] == bodies
    assert framer.waiting == 0


def test_pings_and_pongs_between_messages_are_told_apart() -> None:
    framer = StreamFramer()
    items = framer.feed(b"\r\n\r\n" + message() + b"\r\n" + message() + b"\r\n")
    kinds = [item if isinstance(item, KeepAlive) else "message" for item in items]
    assert kinds == [KeepAlive.PING, "message", KeepAlive.PONG, "message"]
    assert framer.settle() == [KeepAlive.PONG]
    assert framer.feed(b"\r\n") + framer.feed(b"\r\n") == [KeepAlive.PING]


@pytest.mark.parametrize(
    "head",
    [
        HEAD + "\r\n",
        HEAD + "Content-Length: 3\r\nContent-Length: 4\r\n\r\n",
        HEAD + "Content-Length: -1\r\n\r\n",
        HEAD + "Content-Length: 1 2\r\n\r\n",
    ],
)
def test_stream_without_one_length_is_lost_but_answerable(head: str) -> None:
    framer = StreamFramer()
    (item,) = framer.feed(head.encode())
    assert isinstance(item, FramingError)
    assert item.status == 400
    assert item.message is not None
    assert framer.feed(message()) == []


def test_body_over_the_cap_is_413_and_noise_is_dropped() -> None:
    framer = StreamFramer()
    (item,) = framer.feed(f"{HEAD}l: {limits.MAX_BODY + 1}\r\n\r\n".encode())
    assert isinstance(item, FramingError)
    assert item.status == 413
    noise = StreamFramer()
    items = noise.feed(b"x" * (limits.MAX_HEAD + 1))
    assert [type(item) for item in items] == [FramingError]
    assert noise.waiting == 0


def test_malformed_message_in_a_stream_does_not_lose_the_next() -> None:
    bad = message().replace(b"CSeq: 1 OPTIONS", b"no colon here")
    framer = StreamFramer()
    first, second = framer.feed(bad + message(b"x"))
    assert isinstance(first, ParseError)
    assert isinstance(second, Request)


def test_folded_length_is_understood() -> None:
    framer = StreamFramer()
    (item,) = framer.feed(f"{HEAD}Content-Length:\r\n  2\r\n\r\nab".encode())
    assert isinstance(item, Request)
    assert item.body == b"ab"


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (HEAD.encode() + b"X: y\r\n" * 400 + b"\r\n", 400),
        (HEAD.encode() + b"X: " + b"y" * 9000 + b"\r\n\r\n", 400),
        (HEAD.encode() + b"X: " + b"y" * 40000 + b"\r\n\r\n", 400),
        (b"OPTIONS sip:" + b"a" * 3000 + b"@h SIP/2.0\r\n\r\n", 414),
        (b"A" * 100 + b" sip:a@h SIP/2.0\r\n\r\n", 400),
        (HEAD.encode() + b"X: a\rb\r\n\r\n", 400),
        (HEAD.encode() + b"X: a\nb\r\n\r\n", 400),
        (b"x" * 70_000, 413),
        (b"hello", 400),
        (b"OPTIONS sip:a@h SIP/3.0\r\nVia: SIP/2.0/UDP h\r\n\r\n", 505),
    ],
)
def test_datagram_past_a_cap_or_malformed_has_its_status(data: bytes, status: int) -> None:
    with pytest.raises(ParseError) as caught:
        parse_datagram(data)
    assert caught.value.status == status


@pytest.mark.parametrize("data", [b"\r\n\r\n", b"\r\n", b"\0\0\0\0", b""])
def test_keepalive_datagrams_are_no_messages(data: bytes) -> None:
    assert parse_datagram(data) is None


def test_leading_line_ends_are_skipped() -> None:
    assert isinstance(parse_datagram(b"\r\n\r\n" + message()), Request)


def test_refusal_of_a_message_with_stray_line_ends_repeats_none_of_them() -> None:
    """Found by fuzzing: the start line is bad too, so that the fields were only salvaged."""
    data = message().replace(b"sip:b@example.com", b"<sip:b>").replace(b"tag=1", b"tag=1\rX: y")
    with pytest.raises(ParseError) as caught:
        parse_datagram(data)
    answer = answer_bad(caught.value, to_tag="t")
    assert answer is not None
    assert b"X: y" not in answer.to_bytes()
