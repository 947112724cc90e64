"""How long the desk takes to its first paint on a cold cache, and how much JavaScript it fetches for that.

Method: the real app with sample people on loopback, headless Chromium, a fresh browser context (empty cache) for each
run; first contentful paint as the browser reports it (PerformancePaintTiming), bytes by `encodedDataLength` of the
DevTools protocol, gzipped here because the server sends the files as they are. Median and worst of `RUNS` runs of the
sign-in page and of the employees list of a signed-in person.

    python bench/desk/first_paint.py http://127.0.0.1:8080 LOGIN PASSWORD
"""

import asyncio
import gzip
import shutil
import statistics
import sys
from dataclasses import dataclass
from typing import Final

from playwright.async_api import Browser, Response, async_playwright

RUNS: Final = 7
PAINT_LIMIT: Final = 1.5  # seconds
SCRIPT_LIMIT: Final = 250.0  # kB gzipped, of 1000 bytes

PAINT: Final = """() => new Promise((done) => {
  const read = (list) => list.find((entry) => entry.name === 'first-contentful-paint')?.startTime;
  const now = read(performance.getEntriesByType('paint'));
  if (now !== undefined) return done(now);
  new PerformanceObserver((list) => { const at = read(list.getEntries()); if (at !== undefined) done(at); })
    .observe({ type: 'paint', buffered: true });
})"""


@dataclass(frozen=True, slots=True)
class Run:
    paint: float  # seconds to the first contentful paint
    usable: float  # seconds until the heading stands
    scripts: float  # kB


async def once(browser: Browser, base: str, path: str, credentials: tuple[str, str] | None) -> Run:
    context = await browser.new_context(viewport={"width": 1280, "height": 720}, locale="ru-RU")
    if credentials is not None:
        login, password = credentials
        body = {"login": login, "password": password}
        answer = await context.request.post(f"{base}/api/session", data=body, headers={"Origin": base})
        if not answer.ok:
            raise SystemExit(f"sign-in failed: {answer.status}")
    page = await context.new_page()
    scripts: list[Response] = []
    page.on("response", lambda answer: scripts.append(answer) if answer.url.endswith(".js") else None)
    await page.goto(base + path, wait_until="commit")
    await page.locator("h1").wait_for()
    usable = await page.evaluate("performance.now()")
    paint = await page.evaluate(PAINT)
    await page.wait_for_load_state("networkidle")
    size = sum([len(gzip.compress(await one.body(), 6)) for one in scripts])
    await context.close()
    return Run(paint / 1000, usable / 1000, size / 1000)


async def main(base: str, login: str, password: str) -> int:
    failed = False
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        for path, credentials in (("/sign-in", None), ("/employees", (login, password))):
            runs = [await once(browser, base, path, credentials) for _ in range(RUNS)]
            paints = sorted(run.paint for run in runs)
            scripts = max(run.scripts for run in runs)
            usable = statistics.median(run.usable for run in runs)
            print(
                f"{path}: first paint median {statistics.median(paints):.2f} s, worst {paints[-1]:.2f} s"
                f" (limit {PAINT_LIMIT} s); heading after {usable:.2f} s; {scripts:.0f} kB of scripts, gzipped"
                f" (limit {SCRIPT_LIMIT:.0f} kB)"
            )
            failed |= statistics.median(paints) > PAINT_LIMIT or scripts > SCRIPT_LIMIT
        await browser.close()
    return int(failed)


if __name__ == "__main__":
    if len(sys.argv) != 4:
        raise SystemExit(__doc__)
    raise SystemExit(asyncio.run(main(sys.argv[1].rstrip("/"), sys.argv[2], sys.argv[3])))
