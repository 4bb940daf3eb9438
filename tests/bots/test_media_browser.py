"""A bot and a real browser's WebRTC, with the signaling of the real server in between and none of our page."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from av import AudioFrame, VideoFrame
from playwright.async_api import Page, async_playwright

from bots import Bot
from bots.errors import BotError
from bots.link import Link
from contract.calls import CallState, JoinedCall, Source
from tests.bots.media_files import loudness, write_webm
from tests.bots.test_media import SECONDS, first, until
from tests.services.chromium import chromium_arguments
from tests.services.homeroom import HomeroomServer

SCRIPT = Path(__file__).with_name("hand_made_caller.js")
FAKE_DEVICES = [
    "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream",
    "--autoplay-policy=no-user-gesture-required",
]


@pytest.fixture
async def page(chromium: Path, homeroom_server: HomeroomServer) -> AsyncIterator[Page]:
    async with async_playwright() as playwright:
        arguments = [*chromium_arguments(), *FAKE_DEVICES]
        browser = await playwright.chromium.launch(executable_path=chromium, args=arguments)
        page = await browser.new_page()
        await page.goto(f"{homeroom_server.url}/livez")  # cameras need an origin
        await page.evaluate(SCRIPT.read_text())
        yield page
        await browser.close()


class HandMadeCaller:
    """Carries signals between the page and the server, as a person's seat in the call."""

    def __init__(self, bot: Bot, page: Page) -> None:
        self.bot = bot
        self.page = page
        self.seat: JoinedCall | None = None
        self._to = ("", "")
        self._connection = 0
        self._seq = 0
        self._heard: asyncio.Queue[Mapping[str, Any]] = asyncio.Queue()
        self._hearing: asyncio.Task[None] | None = None

    async def join(self, room_id: str) -> None:
        self.bot.attach(self)
        self.seat = JoinedCall.model_validate(await self.bot.command("call:join", {"room_id": room_id}))
        await self.page.expose_function("tell", self._tell)
        await self.page.evaluate("caller(tell)")
        self._hearing = asyncio.create_task(self._hear_all())

    async def call(self, peer_id: str, session: str) -> None:
        self._to = (peer_id, session)
        await self.page.evaluate("it.offer()")

    async def publish(self) -> None:
        streams = await self.page.evaluate("it.streams")
        for source, kind in (("microphone", "audio"), ("camera", "video")):
            wish = {"call_id": self._seat.call_id, "source": source, "stream_id": streams[kind]}
            await self.bot.command("track:publish", wish)

    async def received(self, holds: Callable[[list[dict[str, Any]]], bool]) -> list[dict[str, Any]]:
        """Statistics of what the page receives, once they are like this."""
        async with asyncio.timeout(SECONDS):
            while not holds(statistics := await self.page.evaluate("it.received()")):
                await asyncio.sleep(0.1)
        return list(statistics)

    async def close(self) -> None:
        self.bot.detach(self)
        if self._hearing is not None:
            self._hearing.cancel()
            await asyncio.gather(self._hearing, return_exceptions=True)

    def heard(self, name: str, payload: Mapping[str, Any]) -> None:
        if name == "call.signal":
            self._heard.put_nowait(payload["data"])

    def disconnected(self) -> None: ...

    async def reconnected(self, link: Link) -> None: ...

    def ended(self, error: BotError) -> None: ...

    @property
    def _seat(self) -> JoinedCall:
        assert self.seat is not None
        return self.seat

    async def _hear_all(self) -> None:
        while True:
            signal = await self._heard.get()
            self._connection = signal["connection"]
            await self.page.evaluate("content => it.hear(content)", signal)

    async def _tell(self, content: Mapping[str, Any]) -> None:
        self._seq += 1
        place = {"call_id": self._seat.call_id, "to": self._to[0], "to_session": self._to[1]}
        await self.bot.command(
            "signal", {**place, "seq": self._seq, "connection": self._connection, **content}
        )


def plays(statistics: list[dict[str, Any]], videos: int = 1) -> bool:
    pictures = [one for one in statistics if one["kind"] == "video" and one["frames"] > 5]
    sounds = [one for one in statistics if one["kind"] == "audio" and one["energy"] > 0.01]
    return len(pictures) >= videos and bool(sounds)


async def test_a_bot_and_a_browser_hear_and_see_each_other(
    page: Page, homeroom_server: HomeroomServer, tmp_path: Path
) -> None:
    intro = write_webm(tmp_path / "intro.webm", seconds=3)
    rooms = {"demo": "owner"}
    dj_token = homeroom_server.token("dj", role="instructor", rooms=rooms)
    person_token = homeroom_server.token("noor", role="instructor", rooms=rooms)
    async with Bot(homeroom_server.url, dj_token) as dj, Bot(homeroom_server.url, person_token) as noor:
        room = await dj.join("demo")
        caller = HandMadeCaller(noor, page)
        await caller.join(room.id)
        call = await room.join_call()
        assert call.me.offers_only
        await caller.publish()
        await caller.call(call.me.id, call.me.session)

        picture, sound = await first(call, "video"), await first(call, "audio")
        assert (picture.source, sound.source) == (Source.CAMERA, Source.MICROPHONE)
        for _ in range(5):
            frame = await asyncio.wait_for(picture.recv(), SECONDS)
            assert isinstance(frame, VideoFrame)
            assert frame.width > 0
        assert await _some_sound(sound.recv)

        await call.play(intro, loop=True)
        await caller.received(plays)
        mine = {track.stream_id for track in call.me.tracks}
        assert mine == set(await page.evaluate("it.heardStreams()"))

        await call.play(intro, loop=True, audio=Source.SCREEN_AUDIO, video=Source.SCREEN)
        await page.evaluate("it.room('audio', 2), it.room('video', 2)")
        await page.evaluate("it.offer()")
        await caller.received(lambda statistics: plays(statistics, videos=2))
        await until(call, _four_tracks)

        await call.leave()
        before = await _packets_when_quiet(caller)
        assert before == sum(one["packets"] for one in await page.evaluate("it.received()"))
        await caller.close()


def _four_tracks(state: CallState) -> bool:
    return any(len(peer.tracks) == 4 for peer in state.peers) or len(state.peers) < 2


async def _some_sound(recv: Callable[[], Any]) -> bool:
    """Chromium's fake microphone beeps once a second."""
    async with asyncio.timeout(SECONDS):
        while True:
            frame = await recv()
            if isinstance(frame, AudioFrame) and loudness(frame) > 1000:
                return True


async def _packets_when_quiet(caller: HandMadeCaller) -> int:
    """What has arrived once nothing more arrives for half a second."""
    last = -1
    async with asyncio.timeout(SECONDS):
        while True:
            packets: int = sum(one["packets"] for one in await caller.page.evaluate("it.received()"))
            if packets == last:
                return packets
            last = packets
            await asyncio.sleep(0.5)
