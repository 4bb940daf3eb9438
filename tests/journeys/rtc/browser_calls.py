"""The client's media layer in a real Chromium, built as it is, with its test harness around it."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from aiohttp import web
from playwright.async_api import Page, async_playwright

from tests.services.chromium import chromium_arguments, chromium_path

ROOT = Path(__file__).resolve().parents[3]
CLIENT = ROOT / "static_client"
PAGE = (
    '<!doctype html><meta charset="utf-8"><title>rtc</title><script type="module" src="/harness.js"></script>'
)

FAKE_MEDIA = (
    "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream",
    "--autoplay-policy=no-user-gesture-required",
    "--auto-select-desktop-capture-source=Entire screen",
    # Without this the addresses of two peers on one machine would be names of multicast DNS, which nobody answers here.
    "--disable-features=WebRtcHideLocalIpsWithMdns",
)


async def build(folder: Path) -> None:
    """Bundles the harness with the layer into `folder`."""
    environment = {**os.environ, "PATH": f"{ROOT / '.venv/bin'}{os.pathsep}{os.environ['PATH']}"}
    vite = await asyncio.create_subprocess_exec(
        *("node", "node_modules/vite/bin/vite.js", "build", "--logLevel", "error"),
        *("--config", "src/rtc/testing/vite.config.ts", "--outDir", str(folder)),
        cwd=CLIENT,
        env=environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await vite.communicate()
    assert vite.returncode == 0, output.decode()


@asynccontextmanager
async def page_with_harness(folder: Path) -> AsyncIterator[Page]:
    """A page that has `window.harness`, on localhost, where browsers give microphones and cameras."""
    app = web.Application()
    app.router.add_get("/", _page)
    app.router.add_static("/", folder)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    try:
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(
                executable_path=chromium_path(), args=[*chromium_arguments(), *FAKE_MEDIA]
            )
            page = await browser.new_page()
            await page.goto(f"http://localhost:{port}/")
            await page.wait_for_function("window.harness !== undefined")
            yield page
            await browser.close()
    finally:
        await runner.cleanup()


async def _page(_: web.Request) -> web.Response:
    return web.Response(text=PAGE, content_type="text/html")


async def until(page: Page, condition: str, argument: Any = None) -> None:
    """Waits until the JavaScript expression of `harness` and `argument`, which may await, holds."""
    look = (
        "async (argument) => { const harness = window.harness; "
        f"try {{ return [Boolean({condition}), null]; }} catch (error) {{ return [false, String(error)]; }} }}"
    )
    seen: Any = None
    try:
        async with asyncio.timeout(25):
            while True:
                holds, seen = await page.evaluate(look, argument)
                if holds:
                    return
                await asyncio.sleep(0.1)
    except TimeoutError:
        links = await page.evaluate(
            "(() => { try { return window.harness.negotiations(); } catch { return null; } })()"
        )
        raise AssertionError(f"never so: {condition} {argument} (last error {seen}; links {links})") from None
