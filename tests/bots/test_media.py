"""Bots in a call of the real server: what is played is heard and seen, and everything else that happens in a call."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
import pytest_asyncio
from av import AudioFrame, VideoFrame

from bots import Bot, CommandFailed, Room
from bots.media import CallOver, MediaCall, RemoteTrack
from contract.calls import CallState, Source
from contract.errors import ErrorCode
from contract.rooms import CreateRoom, RoomKind, Visibility
from tests.bots.media_files import loudness, pitch, redness, write_webm
from tests.services.homeroom import HomeroomServer

pytestmark = pytest.mark.services

SECONDS = 40
"""For anything to happen; nothing is decided by how long it takes."""

Join = Callable[[str], Awaitable[Room]]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[HomeroomServer]:
    folder = tmp_path_factory.mktemp("calls")
    async with HomeroomServer(folder, environment={"HOMEROOM_LIMITS": "off"}) as server:
        yield server


@pytest.fixture(scope="module")
def intro(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_webm(tmp_path_factory.mktemp("media") / "intro.webm", seconds=3)


@pytest.fixture
async def join(server: HomeroomServer) -> AsyncIterator[Join]:
    """`await join("ada")`: a bot of that user in the test's room, which its first one owns."""
    async with AsyncExitStack() as bots:
        rooms: list[str] = []

        async def enter(user: str) -> Room:
            role = "student" if rooms else "instructor"
            bot = await bots.enter_async_context(
                Bot(server.url, server.token(user, role=role), patience=SECONDS)
            )
            if not rooms:
                wish = CreateRoom(title="Algebra", kind=RoomKind.COURSE, visibility=Visibility.OPEN)
                rooms.append((await bot.create_room(wish)).summary.room.id)
            return await bot.join(room_id=rooms[0])

        yield enter


async def first(call: MediaCall, kind: str) -> RemoteTrack:
    """The next track of this kind."""
    async with asyncio.timeout(SECONDS):
        async for track in call.tracks():
            if track.kind == kind and not track.over:
                return track
    raise AssertionError("the call ended before")


async def hear(track: RemoteTrack, count: int = 40) -> list[AudioFrame]:
    """So many frames in a row, of which the first is loud: silence before the first sound is left out."""
    frames: list[AudioFrame] = []
    async with asyncio.timeout(SECONDS):
        while len(frames) < count:
            frame = await track.recv()
            assert isinstance(frame, AudioFrame)
            if frames or loudness(frame) > 3000:
                frames.append(frame)
    return frames


async def see(track: RemoteTrack) -> VideoFrame:
    async with asyncio.timeout(SECONDS):
        frame = await track.recv()
    assert isinstance(frame, VideoFrame)
    return frame


async def until(call: MediaCall, holds: Callable[[CallState], bool]) -> CallState:
    async with asyncio.timeout(SECONDS):
        async for state in call.states():
            if holds(state):
                return state
    raise AssertionError("the call ended before")


async def test_a_file_is_heard_and_seen_by_the_other_bot(join: Join, intro: Path) -> None:
    ada, bob = await (await join("ada")).join_call(), await (await join("bob")).join_call()
    playback = await ada.play(intro)
    sound, picture = await first(bob, "audio"), await first(bob, "video")
    assert (sound.source, picture.source) == (Source.MICROPHONE, Source.CAMERA)
    assert sound.peer.user.id == "ada"
    assert pitch(await hear(sound)) == pytest.approx(440, abs=10)
    assert redness(await see(picture)) > 0.5
    await playback.finished()
    await until(bob, lambda state: not any(peer.tracks for peer in state.peers))
    assert sound.over
    assert picture.over


async def test_both_play_at_once_and_one_after_the_other(join: Join, tmp_path: Path) -> None:
    low = write_webm(tmp_path / "low.webm", 3, 440, picture=False)
    high = write_webm(tmp_path / "high.webm", 3, 880, picture=False)
    ada, bob = await (await join("ada")).join_call(), await (await join("bob")).join_call()
    playing = await ada.play(low), await bob.play(high)
    assert pitch(await hear(await first(bob, "audio"))) == pytest.approx(440, abs=10)
    assert pitch(await hear(await first(ada, "audio"))) == pytest.approx(880, abs=10)
    for playback in playing:
        await playback.stop()
    await ada.play(high)
    assert pitch(await hear(await first(bob, "audio"))) == pytest.approx(880, abs=10)


async def test_who_comes_late_hears_what_is_being_played(join: Join, intro: Path) -> None:
    ada, bob = await (await join("ada")).join_call(), await (await join("bob")).join_call()
    await ada.play(intro, loop=True)
    await hear(await first(bob, "audio"), 5)
    carol = await (await join("carol")).join_call()
    assert pitch(await hear(await first(carol, "audio"))) == pytest.approx(440, abs=10)
    assert redness(await see(await first(carol, "video"))) > 0.5
    await hear(await first(bob, "audio"), 5)


async def test_a_file_with_both_beside_a_screen(join: Join, intro: Path) -> None:
    ada, bob = await (await join("ada")).join_call(), await (await join("bob")).join_call()
    await ada.play(intro, loop=True)
    await ada.play(intro, loop=True, audio=Source.SCREEN_AUDIO, video=Source.SCREEN)
    await until(bob, lambda state: sum(len(peer.tracks) for peer in state.peers) == 4)
    heard: dict[Source, RemoteTrack] = {}
    async for track in bob.tracks():
        heard[track.source] = track
        if len(heard) == 4:
            break
    assert set(heard) == set(Source)
    for track in heard.values():
        await asyncio.wait_for(track.recv(), SECONDS)


async def test_a_muted_bot_is_not_heard_until_it_unmutes(join: Join, intro: Path) -> None:
    ada, bob = await (await join("ada")).join_call(), await (await join("bob")).join_call()
    await ada.play(intro, loop=True)
    track = await first(bob, "audio")
    await hear(track, 5)
    await ada.mute(Source.MICROPHONE)
    await until(bob, lambda _state: track.muted)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(track.recv(), 0.5)
    await ada.mute(Source.MICROPHONE, False)
    assert pitch(await hear(track)) == pytest.approx(440, abs=10)


async def test_staff_silences_a_bot_which_cannot_undo_it(join: Join, intro: Path) -> None:
    teacher, student = await join("ada"), await join("bob")
    ada, bob = await teacher.join_call(), await student.join_call()
    await bob.play(intro, loop=True)
    track = await first(ada, "audio")
    await hear(track, 5)
    await ada.moderate("mute", peer_id=bob.me.id, source=Source.MICROPHONE)
    await until(bob, lambda _state: Source.MICROPHONE in bob.me.blocked)
    with pytest.raises(CommandFailed) as refused:
        await bob.mute(Source.MICROPHONE, False)
    assert refused.value.code is ErrorCode.FORBIDDEN
    assert bob.me.tracks[0].muted or bob.me.tracks[1].muted
    await until(ada, lambda _state: track.muted)


async def test_hands_and_reactions(join: Join) -> None:
    ada, bob = await (await join("ada")).join_call(), await (await join("bob")).join_call()
    shown = ada.reactions()
    await bob.raise_hand()
    assert (await until(ada, lambda state: bool(state.hands))).hands == [bob.me.id]
    await bob.lower_hand()
    await until(ada, lambda state: not state.hands)
    await bob.react("👏")
    reaction = await asyncio.wait_for(anext(shown), SECONDS)
    assert (reaction.peer_id, reaction.emoji) == (bob.me.id, "👏")


async def test_who_left_is_gone_and_sends_nothing_more(join: Join, intro: Path) -> None:
    ada, bob = await (await join("ada")).join_call(), await (await join("bob")).join_call()
    await ada.play(intro, loop=True)
    track = await first(bob, "audio")
    await hear(track, 5)
    await ada.leave()
    await until(bob, lambda _state: not bob.peers)
    assert track.over
    assert ada.over
    assert [one async for one in ada.tracks()] == []


async def test_a_call_that_is_ended_is_over_for_everybody(join: Join) -> None:
    teacher = await join("ada")
    ada, bob = await teacher.join_call(), await (await join("bob")).join_call()
    heard = asyncio.ensure_future(anext(bob.tracks(), None))
    await ada.end()
    assert await asyncio.wait_for(heard, SECONDS) is None
    assert bob.over


async def test_a_bot_waits_in_the_lobby_until_it_is_admitted(join: Join) -> None:
    ada = await (await join("ada")).join_call()
    await ada.moderate("policy", policy={"lobby": True})
    bob, carol = await join("bob"), await join("carol")
    waiting = [asyncio.ensure_future(room.join_call()) for room in (bob, carol)]
    lobby = {
        peer.user.id: peer.id
        for peer in (await until(ada, lambda state: len(state.peers) == 3)).peers
        if peer.id != ada.me.id
    }
    assert not any(one.done() for one in waiting)
    await ada.moderate("admit", peer_id=lobby["bob"])
    assert [peer.user.id for peer in (await asyncio.wait_for(waiting[0], SECONDS)).peers] == ["ada"]
    await ada.moderate("deny", peer_id=lobby["carol"])
    with pytest.raises(CallOver, match="denied"):
        await asyncio.wait_for(waiting[1], SECONDS)


async def test_a_file_that_is_none_is_refused_before_anybody_hears_of_it(join: Join, tmp_path: Path) -> None:
    call = await (await join("ada")).join_call()
    (tmp_path / "intro.webm").write_text("this is no film")
    for name in ("nowhere.webm", "intro.webm"):
        with pytest.raises((OSError, ValueError)):
            await call.play(tmp_path / name)
    assert call.me.tracks == []


async def test_the_call_goes_on_over_a_restart_of_the_server(
    join: Join, server: HomeroomServer, intro: Path
) -> None:
    ada, bob = await (await join("ada")).join_call(), await (await join("bob")).join_call()
    await ada.play(intro, loop=True)
    await hear(await first(bob, "audio"), 5)
    await server.restart()
    await asyncio.wait_for(bob.raise_hand(), SECONDS)
    await until(ada, lambda state: bool(state.hands))
    assert pitch(await hear(await first(bob, "audio"))) == pytest.approx(440, abs=10)
