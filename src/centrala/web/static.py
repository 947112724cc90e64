"""The desk's files: those with a hash in their name are kept by browsers for a year, the page is asked for anew."""

import os
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from fastapi import APIRouter, FastAPI, Response
from fastapi.responses import FileResponse, HTMLResponse
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

FOLDER: Final = Path(__file__).parent / "static"
ASSETS: Final = "assets"
"""The folder of files with a hash in their name."""

NOT_BUILT: Final = (
    "<!doctype html><title>Centrala</title><p>The desk is not built: run <code>make run</code> in the sources."
)

router: Final = APIRouter(include_in_schema=False)


class Assets(StaticFiles):
    """Files that never change under their name, sent as the build has compressed them."""

    def file_response(
        self, full_path: Any, stat_result: os.stat_result, scope: Scope, status_code: int = 200
    ) -> Response:
        zipped = _stat(f"{full_path}.gz") if "gzip" in Headers(scope=scope).get("Accept-Encoding", "") else None
        if zipped is None:
            response = super().file_response(full_path, stat_result, scope, status_code)
        else:
            response = super().file_response(f"{full_path}.gz", zipped, scope, status_code)
            response.headers["Content-Encoding"] = "gzip"
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        response.headers["Vary"] = "Accept-Encoding"
        return response


def _stat(path: str) -> os.stat_result | None:
    try:
        return Path(path).stat()
    except FileNotFoundError:
        return None


def mount(app: FastAPI) -> None:
    """Serve the desk: last of all, because it answers every address that nothing else has."""
    app.mount(f"/{ASSETS}", Assets(directory=FOLDER / ASSETS, check_dir=False), name=ASSETS)
    app.include_router(router)


@lru_cache(maxsize=1)
def _page() -> str:
    try:
        return (FOLDER / "index.html").read_text(encoding="utf-8")
    except FileNotFoundError:
        return NOT_BUILT


@router.get("/{path:path}")
async def page(path: str) -> Response:
    """The desk; its own router shows the page of the address. Single files, such as its icon, lie beside the page."""
    if path == "api" or path.startswith("api/"):
        raise HTTPException(404)
    if "." in path:
        file = FOLDER / path
        if "/" in path or not file.is_file():
            raise HTTPException(404)
        return FileResponse(file, headers={"Cache-Control": "public, max-age=3600"})
    return HTMLResponse(_page(), headers={"Cache-Control": "no-cache"})
