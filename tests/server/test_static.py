"""The web client's files: which are served, how long they are kept, and under which policy."""

from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
import pytest_asyncio
from aiohttp import web

from server.headers import SecurityHeaders
from server.settings_values import parse_network
from server.static import StaticClient
from tests.server.serving import ask_raw, serving

HEADERS = SecurityHeaders()
HTML = {"Accept": "text/html,application/xhtml+xml"}


class _Api:
    def attach(self, app: web.Application) -> None:
        async def post(_request: web.Request) -> web.Response:
            return web.json_response({})

        app.router.add_post("/api/v1/things", post)


@pytest.fixture
def dist(tmp_path: Path) -> Path:
    folder = tmp_path / "dist"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text("<!doctype html><title>Homeroom</title>")
    (folder / "assets" / "index-Bx3_9aQz.js").write_text("export {}")
    (folder / "favicon.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    (folder / ".secret").write_text("hidden")
    (tmp_path / "outside.txt").write_text("outside")
    (folder / "link.txt").symlink_to(tmp_path / "outside.txt")
    (folder / "up").symlink_to(tmp_path)
    return folder


@pytest_asyncio.fixture
async def client(dist: Path) -> AsyncIterator[aiohttp.ClientSession]:
    async with serving(_Api(), StaticClient(dist, HEADERS)) as client:
        yield client


@pytest.mark.parametrize("path", ["/", "/index.html"])
async def test_the_page_is_served_afresh_each_time(client: aiohttp.ClientSession, path: str) -> None:
    answer = await client.get(path)
    assert answer.status == 200
    assert answer.headers["Cache-Control"] == "no-cache"
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "Homeroom" in await answer.text()


async def test_what_carries_a_hash_is_kept_for_a_year(client: aiohttp.ClientSession) -> None:
    answer = await client.get("/assets/index-Bx3_9aQz.js")
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.headers["Content-Type"] == "text/javascript; charset=utf-8"


async def test_what_carries_none_is_asked_for_again(client: aiohttp.ClientSession) -> None:
    answer = await client.get("/favicon.svg")
    assert answer.headers["Cache-Control"] == "no-cache"
    assert answer.headers["Content-Type"] == "image/svg+xml"
    again = await client.get("/favicon.svg", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status == 304


async def test_an_address_that_only_the_client_knows_gets_the_page(client: aiohttp.ClientSession) -> None:
    answer = await client.get("/rooms/room_1", headers=HTML)
    assert answer.status == 200
    assert "Homeroom" in await answer.text()


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/rooms/room_1", {"Accept": "application/json"}),
        ("/assets/gone-12345678.js", HTML),
        ("/api", HTML),
        ("/api/v1/nothing", HTML),
        ("/socket.io", HTML),
        ("/socket.io/nothing", HTML),
    ],
)
async def test_what_is_not_there_is_not_found(
    client: aiohttp.ClientSession, path: str, headers: dict[str, str]
) -> None:
    assert (await client.get(path, headers=headers)).status == 404


async def test_the_page_does_not_hide_which_methods_the_api_knows(client: aiohttp.ClientSession) -> None:
    answer = await client.get("/api/v1/things", headers=HTML)
    assert (answer.status, answer.headers["Allow"]) == (405, "POST")


@pytest.mark.parametrize(
    "target",
    [
        "/../outside.txt",
        "/assets/../../outside.txt",
        "/%2e%2e/outside.txt",
        "/..%2foutside.txt",
        "/..%5coutside.txt",
        "/assets/%2e%2e%2f%2e%2e%2foutside.txt",
        "//outside.txt",
        "/link.txt",
        "/up/outside.txt",
        "/.secret",
        "/index.html%00.js",
        "/assets",
        "/%ff%fe",
        "/" + "a" * 4000,
    ],
)
async def test_nothing_outside_hidden_or_linked_is_served(client: aiohttp.ClientSession, target: str) -> None:
    status, answer = await ask_raw(client, target)
    assert status in {400, 404}
    assert "outside" not in answer.partition("\r\n\r\n")[2]
    assert "hidden" not in answer


async def test_the_page_comes_with_the_strict_policy(client: aiohttp.ClientSession) -> None:
    answer = await client.get("/", headers={"Host": "school.example:8000"})
    assert answer.headers["Content-Security-Policy"] == (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: https:; "
        "media-src 'self' blob:; connect-src 'self' ws://school.example:8000 wss://school.example:8000; "
        "font-src 'self'; manifest-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'; require-trusted-types-for 'script'"
    )


async def test_a_host_that_is_none_does_not_get_into_the_policy(client: aiohttp.ClientSession) -> None:
    answer = await client.get("/", headers={"Host": "a.example; script-src *"})
    if answer.status == 200:
        assert "connect-src 'self'; font-src" in answer.headers["Content-Security-Policy"]
    else:
        assert answer.status == 400


@pytest.mark.parametrize("path", ["/", "/favicon.svg", "/api/v1/nothing", "/socket.io"])
async def test_every_answer_carries_the_fixed_headers(client: aiohttp.ClientSession, path: str) -> None:
    headers = (await client.get(path)).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Permissions-Policy"] == "camera=(self), microphone=(self), display-capture=(self)"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Content-Security-Policy"].startswith("default-src 'none'; ")
    assert "Strict-Transport-Security" not in headers


async def test_the_lms_may_frame_the_page_when_it_is_named(dist: Path) -> None:
    headers = SecurityHeaders(frame_ancestors=("https://lms.example", "https://other.example"))
    async with serving(StaticClient(dist, headers), headers=headers) as client:
        policy = (await client.get("/")).headers["Content-Security-Policy"]
    assert "frame-ancestors https://lms.example https://other.example;" in policy


@pytest.mark.parametrize(
    ("proxies", "told", "strict"),
    [
        ((), "https", False),
        (("127.0.0.1",), "https", True),
        (("127.0.0.1",), "http", False),
        (("127.0.0.1",), "https, http", False),
        (("10.0.0.0/8",), "https", False),
    ],
)
async def test_https_is_made_binding_only_when_a_trusted_proxy_says_so(
    dist: Path, proxies: tuple[str, ...], told: str, strict: bool
) -> None:
    headers = SecurityHeaders(proxies=[parse_network(proxy) for proxy in proxies])
    async with serving(StaticClient(dist, headers), headers=headers) as client:
        answer = await client.get("/", headers={"X-Forwarded-Proto": told})
    assert ("Strict-Transport-Security" in answer.headers) is strict


async def test_without_a_build_the_page_says_what_to_run(tmp_path: Path) -> None:
    async with serving(StaticClient(tmp_path / "dist", HEADERS)) as client:
        answer = await client.get("/")
        assert answer.status == 503
        assert "make client" in await answer.text()
