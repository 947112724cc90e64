"""The desk's files: kept for a year, compressed for whoever takes that."""

import gzip
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from centrala.web.static import Assets

SCRIPT = b"console.log('desk');" * 100


@pytest.fixture
async def browser(tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    (tmp_path / "desk-1a2b.js").write_bytes(SCRIPT)
    (tmp_path / "desk-1a2b.js.gz").write_bytes(gzip.compress(SCRIPT))
    (tmp_path / "letters.woff2").write_bytes(b"wOF2")
    app = FastAPI()
    app.mount("/assets", Assets(directory=tmp_path))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://desk") as client:
        yield client


async def test_a_file_goes_compressed_to_whoever_takes_it(browser: httpx.AsyncClient) -> None:
    answer = await browser.get("/assets/desk-1a2b.js", headers={"Accept-Encoding": "gzip, br"})
    assert (answer.content, answer.headers["content-encoding"]) == (SCRIPT, "gzip")
    assert answer.headers["content-type"].startswith("text/javascript")
    assert int(answer.headers["content-length"]) < len(SCRIPT)
    assert (answer.headers["vary"], "immutable" in answer.headers["cache-control"]) == ("Accept-Encoding", True)
    known = {"Accept-Encoding": "gzip", "If-None-Match": answer.headers["etag"]}
    assert (await browser.get("/assets/desk-1a2b.js", headers=known)).status_code == 304


async def test_a_file_goes_as_it_is_to_others(browser: httpx.AsyncClient) -> None:
    plain = await browser.get("/assets/desk-1a2b.js", headers={"Accept-Encoding": "identity"})
    assert (plain.content, plain.headers.get("content-encoding")) == (SCRIPT, None)
    font = await browser.get("/assets/letters.woff2", headers={"Accept-Encoding": "gzip"})
    assert (font.content, font.headers.get("content-encoding")) == (b"wOF2", None)


async def test_what_is_not_there_is_not_found(browser: httpx.AsyncClient) -> None:
    assert (await browser.get("/assets/gone.js", headers={"Accept-Encoding": "gzip"})).status_code == 404
