"""People at their browsers: what they see and do, in the words of the page."""

import json
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from playwright.async_api import Browser, BrowserContext, Locator, Page, expect

from tests.services.homeroom import HomeroomServer

_WATCH_POLICY = """
window.violations = [];
document.addEventListener("securitypolicyviolation", (event) => {
  window.violations.push(`${event.violatedDirective} ${event.blockedURI} ${event.sample}`);
});
"""


@dataclass
class Person:
    """Somebody with a browser of their own (or, with `another_tab`, a second tab of it)."""

    server: HomeroomServer
    context: BrowserContext
    page: Page
    token: str
    problems: list[str] = field(default_factory=list)

    async def open(self, path: str = "/") -> None:
        """Sign in with the link that an LMS would give, then go where `path` says."""
        await self.page.goto(f"{self.server.url}{path}#token={self.token}")
        await expect(self.page.locator(".shell")).to_be_visible()

    async def open_room(self, room_id: str) -> None:
        await self.open(f"/rooms/{room_id}")
        await expect(self.messages).to_be_visible()

    async def another_tab(self) -> "Person":
        return Person(
            self.server, self.context, await _page(self.context, self.problems), self.token, self.problems
        )

    @property
    def rooms(self) -> Locator:
        return self.page.get_by_role("list", name="Rooms")

    @property
    def messages(self) -> Locator:
        return self.page.get_by_role("list", name="Messages")

    @property
    def composer(self) -> Locator:
        return self.page.get_by_role("textbox", name="Message")

    @property
    def status(self) -> Locator:
        return self.page.locator(".connection-line")

    def message(self, text: str) -> Locator:
        return self.messages.get_by_role("listitem").filter(has_text=text)

    def unconfirmed(self) -> Locator:
        return self.messages.locator("[data-status]")

    async def say(self, text: str) -> None:
        await self.composer.fill(text)
        await self.page.get_by_role("button", name="Send").click()

    async def texts(self) -> list[str]:
        """What is said in the timeline, in order."""
        return await self.messages.locator(".message-text .md").all_inner_texts()

    async def act_on(self, text: str, action: str) -> None:
        """Point at a message and press one of its actions."""
        await self.message(text).hover()
        await self.message(text).get_by_role("button", name=action, exact=True).click()

    async def violations(self) -> list[str]:
        """What the content security policy had to forbid."""
        found: list[str] = await self.page.evaluate("window.violations ?? []")
        return found


async def arrive(browser: Browser, server: HomeroomServer, token: str, **options: Any) -> Person:
    """A person at a fresh browser. `options` are those of Playwright's new_context."""
    context = await browser.new_context(**options)
    context.set_default_timeout(15_000)
    problems: list[str] = []
    return Person(server, context, await _page(context, problems), token, problems)


async def _page(context: BrowserContext, problems: list[str]) -> Page:
    page = await context.new_page()
    await page.add_init_script(_WATCH_POLICY)
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("dialog", lambda dialog: problems.append(f"dialog: {dialog.message}"))
    return page


class School:
    """The server's REST interface, for what must be there before somebody opens the page."""

    def __init__(self, server: HomeroomServer, http: aiohttp.ClientSession) -> None:
        self.server = server
        self._http = http

    async def room(
        self, token: str, title: str, *members: str, kind: str = "course", visibility: str = "members"
    ) -> str:
        body = {
            "kind": kind,
            "title": title,
            "visibility": visibility,
            "members": [{"user_id": member} for member in members],
        }
        answer = await self._post(token, "/api/v1/rooms", body)
        room_id: str = answer["summary"]["room"]["id"]
        return room_id

    async def say(self, token: str, room_id: str, text: str) -> dict[str, Any]:
        answer = await self._post(token, f"/api/v1/rooms/{room_id}/messages", {"text": text})
        message: dict[str, Any] = answer["message"]
        return message

    async def revoke(self, token: str, user: str) -> None:
        """End all tokens of a person; `token` is an admin's."""
        await self._post(token, "/api/v1/revocations", {"user_id": user})

    async def history(self, token: str, room_id: str) -> list[str]:
        """The newest hundred texts, as the server has them."""
        address = f"{self.server.url}/api/v1/rooms/{room_id}/messages?limit=100"
        async with self._http.get(address, headers={"authorization": f"Bearer {token}"}) as answer:
            page = await answer.json()
        return [message["text"] for message in page["items"]]

    async def _post(self, token: str, path: str, body: dict[str, Any]) -> dict[str, Any]:
        headers = {"authorization": f"Bearer {token}", "content-type": "application/json"}
        async with self._http.post(
            f"{self.server.url}{path}", data=json.dumps(body), headers=headers
        ) as answer:
            content: dict[str, Any] = await answer.json()
            assert answer.status < 300, content
            return content
