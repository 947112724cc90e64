"""One browser window with the desk in it, and what tests do with it."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from playwright.async_api import BrowserContext, Page, WebSocketRoute

ROOT: Final = Path(__file__).parents[2]
AXE: Final = ROOT / "desk/node_modules/axe-core/axe.min.js"


@dataclass(slots=True)
class Desk:
    """One browser window."""

    page: Page
    context: BrowserContext
    base_url: str
    problems: list[str] = field(default_factory=list)
    expected: tuple[str, ...] = ()
    """Parts of console lines that the test brings about itself, such as a refused request."""
    csrf_token: str = ""
    live: list[WebSocketRoute] = field(default_factory=list)

    async def go(self, path: str) -> None:
        """Open a page of the desk and wait until its heading stands."""
        await self.page.goto(self.base_url + path)
        await self.page.locator("h1").wait_for()

    async def api(self, method: str, path: str, body: Any = None, *, version: int | None = None) -> Any:
        """Ask the server as this person, past the page."""
        headers = {"X-CSRF-Token": self.csrf_token, "Origin": self.base_url}
        if version is not None:
            headers["If-Match"] = f'"{version}"'
        answer = await self.context.request.fetch(self.base_url + path, method=method, data=body, headers=headers)
        assert answer.ok, f"{method} {path}: {answer.status} {await answer.text()}"
        return await answer.json() if answer.status != 204 else None

    async def sign_in(self, login: str, password: str) -> None:
        session = await self.api("POST", "/api/session", {"login": login, "password": password})
        self.csrf_token = session["csrf_token"]

    async def prefer(self, **settings: str) -> None:
        me = await self.api("GET", "/api/me")
        await self.api("PATCH", "/api/me", settings, version=me["version"])

    async def violations(self) -> list[str]:
        """What axe finds against WCAG 2.2 A and AA, one line each."""
        # A transition in progress has colours of its own; wait_for_function would need eval, which the CSP forbids.
        ending = "document.getAnimations().filter(one => one.effect.getComputedTiming().endTime !== Infinity)"
        await self.page.evaluate(f"Promise.allSettled({ending}.map(one => one.finished)).then(() => null)")
        await self.page.evaluate(AXE.read_text(encoding="utf-8"))
        tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
        found = await self.page.evaluate("tags => axe.run({ runOnly: { type: 'tag', values: tags } })", tags)
        return [
            f"{rule['id']}: {node['target']} {node.get('failureSummary', '')}"
            for rule in found["violations"]
            for node in rule["nodes"]
        ]

    def assert_silent(self) -> None:
        told = [line for line in self.problems if not any(part in line for part in self.expected)]
        assert told == []
