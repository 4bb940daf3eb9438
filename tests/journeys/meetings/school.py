"""People before the calendar, and the REST interface for what must be there before they open it."""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

import aiohttp
from playwright.async_api import Browser, BrowserContext, Locator, Page, expect

from tests.services.homeroom import HomeroomServer

_WATCH_POLICY = """
window.violations = [];
document.addEventListener("securitypolicyviolation", (event) => {
  window.violations.push(`${event.violatedDirective} ${event.blockedURI} ${event.sample}`);
});
"""


def daytime_zone() -> str:
    """Where midnight is hours away, whenever the tests run: what is near stays on the same day."""
    return "Europe/Paris" if 4 <= datetime.now(UTC).hour < 20 else "Asia/Tokyo"


@dataclass
class Pupil:
    """Somebody, teacher or student, at a browser of their own. `problems`: what a page must never have."""

    server: HomeroomServer
    context: BrowserContext
    page: Page
    name: str
    token: str
    problems: list[str] = field(default_factory=list)

    async def open(self, path: str) -> None:
        await self.page.goto(f"{self.server.url}{path}#token={self.token}")
        await expect(self.page.locator(".shell")).to_be_visible()

    async def open_room(self, room_id: str) -> None:
        await self.open(f"/rooms/{room_id}")
        await expect(self.messages).to_be_attached()

    @property
    def messages(self) -> Locator:
        return self.page.get_by_role("list", name="Messages")

    @property
    def today(self) -> Locator:
        return self.page.get_by_role("list", name="Today's classes")

    def card(self, title: str) -> Locator:
        """A meeting's card among the messages."""
        return self.messages.get_by_role("article", name=title)

    def button(self, name: str) -> Locator:
        return self.page.get_by_role("button", name=name, exact=True)

    def classes(self) -> Locator:
        """The classes of the meeting whose page is open."""
        return self.page.get_by_role("list", name="Classes", exact=True).get_by_role("listitem")

    async def tab_to(self, wanted: Locator, most: int = 60) -> None:
        """By Tab alone, as somebody without a pointer would."""
        for _ in range(most):
            if await wanted.evaluate("element => element === document.activeElement"):
                return
            await self.page.keyboard.press("Tab")
        raise AssertionError(f"Tab does not reach {wanted}")

    async def violations(self) -> list[str]:
        """What the content security policy had to forbid."""
        found: list[str] = await self.page.evaluate("window.violations ?? []")
        return found


async def seat_at_browser(
    browser: Browser, server: HomeroomServer, user: str, role: str, **options: Any
) -> Pupil:
    """`options` are those of Playwright's new_context."""
    settings = {"viewport": {"width": 1280, "height": 900}, "timezone_id": "Europe/Paris", **options}
    context = await browser.new_context(**settings)
    context.set_default_timeout(15_000)
    page = await context.new_page()
    pupil = Pupil(server, context, page, user.capitalize(), server.token(user, role=role))
    await page.add_init_script(_WATCH_POLICY)
    page.on("pageerror", lambda error: pupil.problems.append(str(error)))
    return pupil


class MeetingSchool:
    """The server's REST interface."""

    def __init__(self, server: HomeroomServer, http: aiohttp.ClientSession) -> None:
        self._server = server
        self._http = http

    async def room(self, owner: Pupil, title: str, *members: str) -> str:
        body = {
            "kind": "course",
            "title": title,
            "visibility": "members",
            "members": [{"user_id": member} for member in members],
        }
        answer = await self.ask(owner, "POST", "/api/v1/rooms", body)
        room_id: str = answer["summary"]["room"]["id"]
        return room_id

    async def meeting(
        self, owner: Pupil, room_id: str, title: str, *, minutes_ahead: float = 0, **wish: Any
    ) -> str:
        """One that begins that many minutes from now, once, for an hour; `wish` says otherwise."""
        starts = datetime.now(UTC) + timedelta(minutes=minutes_ahead)
        body = {
            "title": title,
            "room_id": room_id,
            "starts": starts.strftime("%Y-%m-%dT%H:%M"),
            "zone": "UTC",
            "minutes": 60,
            "accept_clashes": True,
            **wish,
        }
        answer = await self.ask(owner, "POST", "/api/v1/meetings", body)
        meeting_id: str = answer["meeting"]["id"]
        return meeting_id

    async def invite(self, owner: Pupil, meeting_id: str, email: str) -> str:
        """Where the guest's own link leads, from the server's root."""
        path = f"/api/v1/meetings/{quote(meeting_id)}/invitations"
        answer = await self.ask(owner, "POST", path, {"email": email})
        url: str = answer["url"]
        return url[url.index("/m/") :]

    async def ask(self, who: Pupil, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        headers = {"authorization": f"Bearer {who.token}", "content-type": "application/json"}
        data = None if body is None else json.dumps(body)
        async with self._http.request(
            method, f"{self._server.url}{path}", data=data, headers=headers
        ) as answer:
            content = await answer.json()
            assert answer.status < 300, content
            return content
