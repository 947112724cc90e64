"""Digest on both sides, with the worked examples of RFC 7616 and RFC 2617."""

import pytest

from centrala.telephony.sip.digest import (
    NONCE_LIFE,
    Algorithm,
    Credentials,
    DigestClient,
    DigestServer,
    Verdict,
    compute,
    make_ha1,
)
from centrala.telephony.sip.headers.auth import AuthValue, parse_auth
from centrala.telephony.sip.message import Headers, Request, Response
from centrala.telephony.sip.tokens import SeededTokens

ALICE = Credentials("alice", "pässword")


def test_examples_of_the_rfcs() -> None:
    # RFC 7616 3.9.1
    params = {
        "uri": "/dir/index.html",
        "nonce": "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v",
        "nc": "00000001",
        "cnonce": "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ",
        "qop": "auth",
    }
    for algorithm, wanted in (
        (Algorithm.MD5, "8ca523f5e9506fed4657c9700eebdbec"),
        (
            Algorithm.SHA256,
            "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1",
        ),
    ):
        ha1 = make_ha1(algorithm, "Mufasa", "http-auth@example.org", "Circle of Life")
        assert compute(algorithm, ha1, "GET", b"", AuthValue("Digest", params)) == wanted
    # RFC 2617 3.5
    old = {
        "uri": "/dir/index.html",
        "nonce": "dcd98b7102dd2f0e8b11d0f600bfb0c093",
        "nc": "00000001",
        "cnonce": "0a4f113b",
        "qop": "auth",
    }
    ha1 = make_ha1(Algorithm.MD5, "Mufasa", "testrealm@host.com", "Circle Of Life")
    value = AuthValue("Digest", old)
    assert compute(Algorithm.MD5, ha1, "GET", b"", value) == "6629fae49393a05397450978507c4ef1"


def server(**more: object) -> DigestServer:
    return DigestServer("home", b"secret" * 6, SeededTokens(b"s"), **more)  # type: ignore[arg-type]  # by name


def register(cseq: int = 1, body: bytes = b"") -> Request:
    headers = Headers([("CSeq", f"{cseq} REGISTER"), ("Call-ID", "c")])
    return Request("REGISTER", "sip:home", headers, body)


def challenge(side: DigestServer, now: float, *, stale: bool = False, proxy: bool = False) -> Response:
    fields = side.challenges(now, stale=stale, proxy=proxy)
    return Response(407 if proxy else 401, "", Headers(fields))


def judge(side: DigestServer, request: Request, now: float, *, proxy: bool = False) -> Verdict:
    claim = side.claim(request, proxy=proxy)
    ha1 = None
    if claim is not None and claim.user == "alice":
        ha1 = make_ha1(claim.algorithm, "alice", "home", ALICE.password)
    return side.check(request, claim, ha1, now)


def client(credentials: Credentials = ALICE) -> DigestClient:
    return DigestClient(credentials, SeededTokens(b"c"))


def test_strongest_algorithm_is_offered_first_and_taken() -> None:
    side, user = server(), client()
    response = challenge(side, 0.0)
    names = [parse_auth(v).get("algorithm") for v in response.headers.all("www-authenticate")]
    assert names == ["SHA-256", "MD5"]
    assert user.challenged(response)
    request = register()
    user.sign(request)
    value = parse_auth(request.headers.get("authorization") or "")
    assert value.get("algorithm") == "SHA-256"
    assert judge(side, request, 1.0) is Verdict.OK


def test_phone_that_knows_only_md5_gets_in_with_it() -> None:
    side = server(algorithms=(Algorithm.MD5,))
    user = client()
    assert user.challenged(challenge(side, 0.0))
    request = register()
    user.sign(request)
    assert "SHA" not in (request.headers.get("authorization") or "")
    assert judge(side, request, 0.0) is Verdict.OK


def test_many_requests_use_one_nonce_and_a_replay_is_stale() -> None:
    side, user = server(), client()
    user.challenged(challenge(side, 0.0))
    requests = [register(n) for n in range(5)]
    for request in requests:
        user.sign(request)
        assert judge(side, request, 1.0) is Verdict.OK
    assert judge(side, requests[-1], 2.0) is Verdict.STALE
    assert judge(side, requests[0], 2.0) is Verdict.STALE


def test_old_or_foreign_nonce_is_stale_but_not_wrong() -> None:
    side, user = server(), client()
    user.challenged(challenge(side, 0.0))
    request = register()
    user.sign(request)
    assert judge(side, request, NONCE_LIFE + 1) is Verdict.STALE
    other = DigestServer("home", b"another" * 5, SeededTokens(b"s"))
    assert judge(other, request, 1.0) is Verdict.STALE
    assert user.challenged(challenge(side, 400.0, stale=True))
    user.sign(request)
    assert judge(side, request, 400.0) is Verdict.OK


@pytest.mark.parametrize("field", ["nonce", "cnonce", "nc", "qop", "uri", "response", "username"])
def test_changed_credentials_are_wrong(field: str) -> None:
    side, user = server(), client()
    user.challenged(challenge(side, 0.0))
    request = register()
    user.sign(request)
    value = parse_auth(request.headers.get("authorization") or "")
    value.params[field] = "00000009" if field == "nc" else "x" + value.params[field]
    request.headers.set("Authorization", value.write(challenge=False))
    assert judge(side, request, 0.0) is Verdict.WRONG


def test_changed_method_is_wrong_and_auth_int_covers_the_body() -> None:
    side, user = server(), client()
    response = challenge(side, 0.0)
    only_int = [v.replace("auth,auth-int", "auth-int") for v in response.headers.all("www-authenticate")]
    user.challenged(Response(401, "", Headers([("WWW-Authenticate", v) for v in only_int])))
    request = register(body=b"hello")
    user.sign(request)
    assert judge(side, request, 0.0) is Verdict.OK
    user.sign(request)
    request.body = b"jello"
    assert judge(side, request, 0.0) is Verdict.WRONG
    request.body = b"hello"
    request.method = "INVITE"
    assert judge(side, request, 0.0) is Verdict.WRONG


def test_unknown_user_missing_and_foreign_credentials() -> None:
    side = server()
    assert judge(side, register(), 0.0) is Verdict.MISSING
    mallory = client(Credentials("mallory", "x"))
    mallory.challenged(challenge(side, 0.0))
    request = register()
    mallory.sign(request)
    assert judge(side, request, 0.0) is Verdict.WRONG
    for value in ("Basic abc", "Digest", 'Digest realm="elsewhere"', "NoOneKnows x=y", '"'):
        request = register()
        request.headers.add("Authorization", value)
        assert judge(side, request, 0.0) is Verdict.MISSING


def test_client_does_not_try_a_refused_password_again() -> None:
    side, user = server(), client()
    first = challenge(side, 0.0)
    assert user.challenged(first)
    user.sign(register())
    assert not user.challenged(first)
    assert user.challenged(challenge(side, 0.0, stale=True))


def test_client_keeps_to_its_realm_and_answers_two_at_once() -> None:
    assert not client(Credentials("alice", "x", realm="other")).challenged(challenge(server(), 0.0))
    proxy = DigestServer("proxy", b"p" * 32, SeededTokens(b"p"))
    user = client()
    assert user.challenged(challenge(server(), 0.0))
    assert user.challenged(challenge(proxy, 0.0, proxy=True))
    request = register()
    user.sign(request)
    assert request.headers.count("authorization") == 1
    assert request.headers.count("proxy-authorization") == 1
    assert judge(server(), request, 0.0) is Verdict.OK


def test_password_is_not_shown() -> None:
    assert "pässword" not in repr(ALICE)


def test_client_without_qop_signs_the_old_way() -> None:
    side, user = server(algorithms=(Algorithm.MD5,)), client()
    plain = challenge(side, 0.0).headers.get("www-authenticate") or ""
    old = plain.replace(', qop="auth,auth-int"', "")
    assert "qop" not in old
    assert user.challenged(Response(401, "", Headers([("WWW-Authenticate", old)])))
    request = register()
    user.sign(request)
    assert judge(side, request, 0.0) is Verdict.OK
    assert judge(side, request, 0.0) is Verdict.STALE  # such a nonce serves once
