"""What the trace takes out of a message, and what it never keeps."""

from datetime import UTC, datetime

import pytest

from centrala.telephony.sip.flow import Flow, Transport
from centrala.telephony.trace.reading import MAX_SHORT, MAX_TEXT, Taken, masked, read
from centrala.telephony.transport.types import Direction

AT = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
FLOW = Flow(Transport.UDP, ("192.0.2.1", 5060), ("2001:db8::7", 5062))

INVITE = (
    "INVITE sip:+37322000001@centre.example SIP/2.0\r\n"
    "Via: SIP/2.0/UDP 192.0.2.7:5062;branch=z9hG4bK1\r\n"
    'f: "Ana" <sip:+37369123456@carrier.example>;tag=1\r\n'
    "To: <tel:+37322000001>\r\n"
    "i: abc@192.0.2.7\r\n"
    "CSeq: 7 INVITE\r\n"
    "Content-Length: 0\r\n\r\n"
)


def taken(text: str) -> Taken:
    return read(text.encode(), FLOW, Direction.IN, AT)


def test_a_request_tells_who_calls_whom_in_short_and_long_names() -> None:
    one = taken(INVITE)
    assert (one.call_id, one.method, one.status, one.cseq) == ("abc@192.0.2.7", "INVITE", None, 7)
    assert (one.from_user, one.to_user) == ("+37369123456", "+37322000001")
    assert (one.local, one.remote, one.transport) == ("192.0.2.1:5060", "[2001:db8::7]:5062", "UDP")
    assert one.first_line == "INVITE sip:+37322000001@centre.example SIP/2.0"
    assert (one.size, one.text) == (len(INVITE), INVITE)


def test_a_response_names_the_method_that_it_answers() -> None:
    one = taken("SIP/2.0 486 Busy Here\r\nCall-ID: x\r\nCSeq: 2 INVITE\r\n\r\n")
    assert (one.method, one.status, one.cseq) == ("INVITE", 486, 2)


@pytest.mark.parametrize("data", [b"\xff\xfe\x00\x01", b"GET / HTTP/1.1\r\n\r\n", b"SIP/2.0", b"INVITE", b"\r\n"])
def test_what_is_no_sip_is_kept_without_a_fault_and_without_what_postgresql_refuses(data: bytes) -> None:
    one = read(data, FLOW, Direction.IN, AT)
    assert one.call_id == ""
    assert "\0" not in one.text


def test_a_long_message_is_cut_and_so_are_its_names() -> None:
    head = f"INVITE sip:{'9' * 1000}@x SIP/2.0\r\nCall-ID: {'c' * 1000}\r\nFrom: <sip:{'8' * 1000}@x>\r\n\r\n"
    one = taken(head + "b" * 99_999)
    assert (len(one.text), len(one.call_id), len(one.from_user), len(one.first_line)) == (
        MAX_TEXT, MAX_SHORT, MAX_SHORT, MAX_SHORT,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ('Authorization: Digest username="201", nonce="n", response="0c5e11"\r\n', "0c5e11"),
        ('Proxy-Authorization: Digest username="201",\r\n response\r\n ="0c5e11", nc=1\r\n', "0c5e11"),
        ("AUTHORIZATION: DIGEST username=201, RESPONSE=0c5e11\r\n", "0c5e11"),
        ('Authentication-Info: rspauth="0c5e11"\r\n', "0c5e11"),
        ("Authorization: Basic c2VjcmV0\r\n", "c2VjcmV0"),
        ("Authorization:\r\n Basic\r\n c2VjcmV0\r\nTo: x", "c2VjcmV0"),
        ("Authorization: Bearer c2VjcmV0\r\n", "c2VjcmV0"),
        ("From: <sip:201:hunter2@centre.example>\r\n", "hunter2"),
        ("\r\na=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:c2VjcmV0a2V5|2^20|1:4\r\n", "c2VjcmV0a2V5"),
        ("\r\na=ice-pwd:hunter2\r\na=mid:0\r\n", "hunter2"),
        ("\r\nk=clear:hunter2\r\n", "hunter2"),
        ("Content-Type: application/dtmf-relay\r\n\r\nSignal=7\r\nDuration=160\r\n", "=7"),
        ("Content-Type: application/dtmf\r\n\r\n7", "7"),
    ],
)
def test_nothing_that_opens_anything_is_kept(text: str, secret: str) -> None:
    assert secret in text
    assert secret not in masked(text)
    assert "***" in masked(text)


def test_what_is_no_secret_stays_to_be_read() -> None:
    text = 'Authorization: Digest username="201", nonce="n1", uri="sip:centre", response="0c5e", cnonce="c"\r\n'
    assert masked(text) == text.replace("0c5e", "***")
    assert masked(INVITE) == INVITE
