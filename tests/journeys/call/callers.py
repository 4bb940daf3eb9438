"""People in a call, each at a real browser with a made-up camera and a microphone that hears one steady tone."""

import math
import wave
from array import array
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, BrowserContext, Locator, Page, expect

from tests.services.chromium import chromium_arguments
from tests.services.homeroom import HomeroomServer

_WATCH = """
window.connections = [];
window.RTCPeerConnection = class extends RTCPeerConnection {
  constructor(...given) {
    super(...given);
    window.connections.push(this);
  }
};
window.violations = [];
document.addEventListener("securitypolicyviolation", (event) => {
  window.violations.push(`${event.violatedDirective} ${event.blockedURI} ${event.sample}`);
});
"""

_SMALL_PICTURE = """
const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
navigator.mediaDevices.getUserMedia = (wish) =>
  ask(wish.video ? { ...wish, video: { width: 320, height: 180, frameRate: 15 } } : wish);
"""
"""Several browsers encode and decode on two cores: what is tested is whose picture moves, not how fine it is."""

_FLOW = """
async () => {
  const flow = { frames: 0, audio: 0, video: 0, energy: 0, sent: 0, relayed: false, connected: 0 };
  for (const connection of window.connections) {
    if (connection.connectionState === "connected") flow.connected += 1;
    if (connection.connectionState === "closed") continue;
    const report = await connection.getStats();
    for (const row of report.values()) {
      if (row.type === "outbound-rtp") flow.sent += row.packetsSent;
      if (row.type === "candidate-pair" && row.nominated && report.get(row.localCandidateId)?.candidateType === "relay")
        flow.relayed = true;
      if (row.type !== "inbound-rtp") continue;
      if (row.kind === "video") {
        flow.frames += row.framesDecoded ?? 0;
        flow.video += row.packetsReceived ?? 0;
      } else {
        flow.audio += row.packetsReceived ?? 0;
        flow.energy += row.totalAudioEnergy ?? 0;
      }
    }
  }
  return flow;
}
"""

_SHOWN = """
(name) => {
  const video = [...document.querySelectorAll("video")].find((one) => one.getAttribute("aria-label") === name);
  if (!video) return null;
  const tile = video.closest(".tile");
  return { frames: video.getVideoPlaybackQuality().totalVideoFrames, state: tile?.dataset.state ?? null };
}
"""


@dataclass(frozen=True)
class Flow:
    """What a page's living connections have received and sent so far (W3C webrtc-stats), summed up."""

    frames: int
    audio: int
    video: int
    energy: float
    sent: int
    relayed: bool
    connected: int


@dataclass
class Caller:
    """Somebody at a browser of their own, in or near a call. `problems`: what a page must never have."""

    server: HomeroomServer
    context: BrowserContext
    page: Page
    name: str
    token: str
    problems: list[str] = field(default_factory=list)

    async def open_room(self, room_id: str) -> None:
        await self.page.goto(f"{self.server.url}/rooms/{room_id}#token={self.token}")
        await expect(self.page.get_by_role("list", name="Messages")).to_be_attached()

    async def to_the_door(self) -> None:
        """The call's lobby of one's own, with the preview."""
        await self.button("Join call").click()
        await expect(self.page.get_by_role("heading", name="Ready to join?")).to_be_visible()

    async def join(self) -> None:
        await self.to_the_door()
        await self.button("Join call").click()
        await expect(self.button("Leave call")).to_be_visible()

    async def call_in(self, room_id: str) -> None:
        await self.open_room(room_id)
        await self.join()

    def button(self, name: str) -> Locator:
        return self.page.get_by_role("button", name=name, exact=True)

    def tile(self, name: str) -> Locator:
        return self.page.get_by_role("list", name="In the call").locator(f'[data-name="{name}"]')

    def video(self, name: str) -> Locator:
        return self.page.get_by_label(name, exact=True).and_(self.page.locator("video"))

    async def sees(self, *others: "Caller", seconds: float = 20) -> None:
        """Each picture moves, and its tile says that it is live."""
        for other in others:
            await self._sees(other.name, seconds)

    async def _sees(self, name: str, seconds: float) -> None:
        before = await self.shown(name)
        enough = (before["frames"] if before else 0) + 5

        async def look() -> dict[str, Any] | None:
            return await self.shown(name)

        def moves(shown: dict[str, Any] | None) -> bool:
            return shown is not None and shown["state"] == "live" and shown["frames"] > enough

        await self.until(moves, look, seconds=seconds, what=f"{self.name} sees {name}")

    async def hears(self, seconds: float = 20) -> None:
        before = await self.flow()
        await self.until(
            lambda now: now.energy > before.energy + 0.001,
            self.flow,
            seconds=seconds,
            what=f"{self.name} hears somebody",
        )

    async def shown(self, name: str) -> dict[str, Any] | None:
        """What the tile of somebody shows: frames so far, and what it says of itself."""
        found: dict[str, Any] | None = await self.page.evaluate(_SHOWN, name)
        return found

    async def flow(self) -> Flow:
        return Flow(**await self.page.evaluate(_FLOW))

    async def pause(self, seconds: float) -> None:
        """Let media flow (or not) for a while: there is no event for nothing happening."""
        await self.page.wait_for_timeout(seconds * 1000)

    async def until(
        self,
        true: Callable[[Any], bool],
        look: Callable[[], Awaitable[Any]],
        *,
        seconds: float = 20,
        what: str = "it",
    ) -> Any:
        found = None
        for _ in range(math.ceil(seconds / 0.25)):
            found = await look()
            if true(found):
                return found
            await self.page.wait_for_timeout(250)
        raise AssertionError(f"not within {seconds} s: {what}; last seen: {found}")

    async def violations(self) -> list[str]:
        """What the content security policy had to forbid."""
        found: list[str] = await self.page.evaluate("window.violations")
        return found


async def seat_at_browser(
    browser: Browser, server: HomeroomServer, user: str, role: str, **options: Any
) -> Caller:
    """`options` are those of Playwright's new_context."""
    context = await browser.new_context(**{"viewport": {"width": 1280, "height": 800}, **options})
    context.set_default_timeout(15_000)
    await context.add_init_script(_WATCH)
    await context.add_init_script(_SMALL_PICTURE)
    page = await context.new_page()
    name = user.capitalize()
    caller = Caller(server, context, page, name, server.token(user, role=role))
    page.on("pageerror", lambda error: caller.problems.append(str(error)))
    return caller


def call_arguments(tone: Path) -> list[str]:
    """Chromium with a camera and a microphone that exist nowhere, and nobody to ask for permission."""
    return [
        *chromium_arguments(),
        "--use-fake-ui-for-media-stream",
        "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-audio-capture={tone}",
        "--auto-select-desktop-capture-source=Entire screen",
        "--autoplay-policy=no-user-gesture-required",
        "--disable-features=WebRtcHideLocalIpsWithMdns",
    ]


def write_tone(path: Path) -> Path:
    """Two seconds of 440 Hz at half of full scale, which Chromium repeats."""
    rate = 48_000
    samples = array("h", (round(16_000 * math.sin(2 * math.pi * 440 * n / rate)) for n in range(2 * rate)))
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(samples.tobytes())
    return path
