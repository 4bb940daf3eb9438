"""The parts of a bot's call that need no network: descriptions, the state, what is sent and received."""

import asyncio
from datetime import UTC, datetime
from fractions import Fraction
from itertools import pairwise

import pytest
from av import AudioFrame

from bots.media.broadcast import Broadcast
from bots.media.incoming import RemoteTrack, TrackEnded
from bots.media.lines import ice_user, media_lines, with_streams
from bots.media.outgoing import Channel
from bots.media.view import makes_offers, others, updated
from contract.calls import (
    Call,
    CallState,
    CallUpdated,
    Departure,
    LeaveReason,
    Peer,
    Policy,
    Rights,
    Seat,
    Source,
    Track,
)
from contract.people import Actor, SignInRole

NOW = datetime(2026, 9, 14, 9, tzinfo=UTC)
ADA = Actor(id="ada", name="Ada", role=SignInRole.STUDENT)

OFFER = "\r\n".join(
    [
        "v=0",
        "o=- 1 2 IN IP4 127.0.0.1",
        "s=-",
        "t=0 0",
        "a=group:BUNDLE 0 1 2 3",
        "m=audio 9 UDP/TLS/RTP/SAVPF 111",
        "a=ice-ufrag:abcd",
        "a=mid:0",
        "a=msid:voice 1-2-3",
        "a=sendrecv",
        "m=video 9 UDP/TLS/RTP/SAVPF 96",
        "a=ice-ufrag:abcd",
        "a=mid:1",
        "a=recvonly",
        "m=video 0 UDP/TLS/RTP/SAVPF 96",
        "a=mid:2",
        "a=inactive",
        "m=application 9 UDP/DTLS/SCTP webrtc-datachannel",
        "a=mid:3",
        "",
    ]
)


def peer(name: str, *tracks: Track, seat: Seat = Seat.IN, offers_only: bool = False) -> Peer:
    return Peer(
        id=name,
        session=f"session-{name}",
        user=ADA,
        staff=False,
        seat=seat,
        connected=True,
        tracks=list(tracks),
        rights=Rights(microphone=True, camera=True, screen=False),
        blocked=[],
        floor=False,
        joined_at=NOW,
        offers_only=offers_only,
    )


def state(version: int, *peers: Peer) -> CallState:
    call = Call(id="call", room_id="room", started_at=NOW, started_by=ADA, policy=Policy())
    return CallState(call=call, version=version, peers=list(peers), hands=[])


def change(since: int, version: int, *peers: Peer, gone: str | None = None) -> CallUpdated:
    left = [] if gone is None else [Departure(peer_id=gone, reason=LeaveReason.LEFT)]
    return CallUpdated(call_id="call", since=since, version=version, peers=list(peers), gone=left, hands=[])


def sound(pts: int | None, level: int = 0) -> AudioFrame:
    frame = AudioFrame(format="s16", layout="mono", samples=960)
    frame.planes[0].update(level.to_bytes(2, "little", signed=True) * 960)
    frame.sample_rate, frame.pts, frame.time_base = 48_000, pts, Fraction(1, 48_000)
    return frame


def microphone(muted: bool = False) -> Track:
    return Track(id="track", source=Source.MICROPHONE, muted=muted, stream_id="voice")


def test_media_lines_are_those_in_use() -> None:
    voice, picture = media_lines(OFFER)
    assert (voice.mid, voice.kind, voice.stream_id, voice.sends, voice.receives) == (
        "0",
        "audio",
        "voice",
        True,
        True,
    )
    assert (picture.mid, picture.kind, picture.stream_id) == ("1", "video", None)
    assert not picture.sends
    assert picture.receives


def test_the_ice_user_is_the_descriptions_first() -> None:
    assert ice_user(OFFER) == "abcd"
    assert ice_user("v=0\r\n") is None


def test_each_line_gets_its_own_stream_and_others_lose_theirs() -> None:
    text = OFFER.replace("a=recvonly", "a=msid:default 4-5-6\r\na=sendrecv")
    changed = with_streams(text, {"1": "camera"})
    assert [line.stream_id for line in media_lines(changed)] == [None, "camera"]
    assert "a=msid:camera 4-5-6\r\n" in changed
    assert changed.count("a=msid:") == 1
    assert with_streams(OFFER, {"0": "voice"}) == OFFER


def test_a_change_replaces_adds_and_removes_peers() -> None:
    before = state(4, peer("a"), peer("b"), peer("c"))
    after = updated(before, change(4, 5, peer("b", microphone()), peer("d"), gone="a"))
    assert after is not None
    assert [one.id for one in after.peers] == ["b", "c", "d"]
    assert after.peers[0].tracks == [microphone()]
    assert after.version == 5


def test_a_change_that_begins_earlier_still_fits() -> None:
    after = updated(state(4, peer("a")), change(2, 6, peer("b")))
    assert after is not None
    assert after.version == 6


def test_old_news_changes_nothing() -> None:
    before = state(4, peer("a"))
    assert updated(before, change(2, 4, gone="a")) is before


def test_a_gap_is_told_from_a_change() -> None:
    assert updated(state(4, peer("a")), change(5, 6, peer("b"))) is None


def test_others_are_those_inside() -> None:
    everybody = state(1, peer("a"), peer("b"), peer("c", seat=Seat.LOBBY))
    assert [one.id for one in others(everybody, "a")] == ["b"]


def test_browsers_make_the_offers_and_of_two_bots_the_older() -> None:
    assert not makes_offers("peer_1", peer("peer_2"))
    assert not makes_offers("peer_2", peer("peer_1"))
    assert makes_offers("peer_1", peer("peer_2", offers_only=True))
    assert not makes_offers("peer_2", peer("peer_1", offers_only=True))


async def test_timestamps_grow_over_the_end_of_a_file() -> None:
    channel = Channel(Source.MICROPHONE, "voice")
    channel.track_id = "track"
    outlet = channel.outlet()
    seen: list[int] = []
    for pts in [0, 960, 1920, 0, 960, 1920, None, 500_000, 500_960]:
        channel.push(sound(pts))
        seen.append((await outlet.recv()).pts or 0)
    assert all(later > earlier for earlier, later in pairwise(seen))
    assert seen[2] - seen[1] == 960
    assert seen[8] - seen[7] == 960
    assert max(seen) < 48_000


async def test_a_slow_peer_misses_the_oldest() -> None:
    channel = Channel(Source.MICROPHONE, "voice")
    channel.track_id = "track"
    outlet = channel.outlet()
    for number in range(100):
        channel.push(sound(number * 960, number))
    assert bytes((await outlet.recv()).planes[0])[:2] == (75).to_bytes(2, "little")


@pytest.mark.parametrize("spoilt", ["muted", "not published"])
async def test_nothing_leaves_a_channel_that_is(spoilt: str) -> None:
    channel = Channel(Source.MICROPHONE, "voice")
    channel.track_id = None if spoilt == "not published" else "track"
    channel.muted = spoilt == "muted"
    outlet = channel.outlet()
    channel.push(sound(0))
    channel.muted, channel.track_id = False, "track"
    channel.push(sound(960, 7))
    assert bytes((await outlet.recv()).planes[0])[:2] == (7).to_bytes(2, "little")


async def test_a_muted_track_falls_silent_at_once() -> None:
    track = RemoteTrack(peer("a"), microphone())
    track.take(sound(0))
    track.update(peer("a"), microphone(muted=True))
    track.take(sound(960))
    track.update(peer("a"), microphone())
    track.take(sound(1920, 9))
    assert bytes((await track.recv()).planes[0])[:2] == (9).to_bytes(2, "little")


async def test_a_track_that_ended_gives_what_waits_and_then_says_so() -> None:
    track = RemoteTrack(peer("a"), microphone())
    track.take(sound(0))
    track.end()
    await track.recv()
    with pytest.raises(TrackEnded):
        await track.recv()
    assert [frame async for frame in track] == []


async def test_a_track_nobody_reads_does_not_pile_up() -> None:
    track = RemoteTrack(peer("a"), microphone())
    for number in range(1000):
        track.take(sound(number * 960, number))
    track.end()
    assert len([frame async for frame in track]) == 250


async def test_every_reader_of_a_broadcast_hears_what_comes_after_it() -> None:
    told: Broadcast[int] = Broadcast(10)
    told.tell(1)
    early = told.listen((0,))
    told.tell(2)
    late = told.listen()
    told.tell(3)
    told.end()
    assert [item async for item in early] == [0, 2, 3]
    assert [item async for item in late] == [3]


async def test_a_reader_waits_for_what_is_told() -> None:
    told: Broadcast[int] = Broadcast(10)
    reader = told.listen()
    waiting = asyncio.ensure_future(anext(reader))
    await asyncio.sleep(0)
    told.tell(5)
    assert await waiting == 5
