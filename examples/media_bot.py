r"""A bot that joins a room's call, plays a file to everybody, and prints what it hears and sees.

    !again      in the chat: plays the file again
    !leave      in the chat: leaves the call

Run it against a server started with `make run`:

    BOT_SERVER=http://localhost:8000 \
    BOT_TOKEN=$(.venv/bin/homeroom token --user dj --name DJ --role bot --room demo=member) \
    .venv/bin/python examples/media_bot.py

Give it a file to play (anything that FFmpeg reads) as its argument; without one it makes `intro.webm` for itself: three seconds
of a tone under a picture of changing colour.
"""

import asyncio
import math
import os
import sys
import tempfile
from array import array
from fractions import Fraction
from pathlib import Path

import av

from bots import Bot, CommandFailed, Resynced, Room, message_of
from bots.media import MediaCall, RemoteTrack

RATE, SAMPLES, PICTURES = 48_000, 960, 15


def say(text: str) -> None:
    print(text, flush=True)  # noqa: T201  # an example talks to its terminal


def tone(number: int) -> av.AudioFrame:
    """The next 20 ms of an A, as the orchestra tunes to."""
    times = (number * SAMPLES + sample for sample in range(SAMPLES))
    values = array("h", (int(9_000 * math.sin(math.tau * 440 * time / RATE)) for time in times))
    frame = av.AudioFrame(format="s16", layout="mono", samples=SAMPLES)
    frame.planes[0].update(values.tobytes())
    frame.sample_rate, frame.pts, frame.time_base = RATE, number * SAMPLES, Fraction(1, RATE)
    return frame


def colour(number: int) -> av.VideoFrame:
    frame = av.VideoFrame(320, 240, "rgb24")
    plane = frame.planes[0]
    plane.update(bytes((40, number * 5 % 256, 200)) * (plane.line_size // 3) * 240)
    frame.pts, frame.time_base = number, Fraction(1, PICTURES)
    return frame.reformat(format="yuv420p")


def write_intro(path: Path, seconds: int = 3) -> Path:
    """A small WebM file: Opus and VP8."""
    with av.open(str(path), "w", format="webm") as file:
        sound = file.add_stream("libopus", rate=RATE, layout="mono")
        picture = file.add_stream("libvpx", rate=PICTURES)
        picture.width, picture.height, picture.pix_fmt = 320, 240, "yuv420p"
        for number in range(seconds * PICTURES):
            file.mux(picture.encode(colour(number)))
        for number in range(seconds * RATE // SAMPLES):
            file.mux(sound.encode(tone(number)))
        file.mux(picture.encode(None))
        file.mux(sound.encode(None))
    return path


async def listen(track: RemoteTrack) -> None:
    """Read every frame of somebody's track, and say now and then that it comes."""
    name, count = track.peer.user.name, 0
    async for frame in track:
        count += 1
        if count % 250 == 1:
            size = (
                f"{frame.width}x{frame.height}"
                if isinstance(frame, av.VideoFrame)
                else f"{frame.sample_rate} Hz"
            )
            say(f"{name}'s {track.source}: {count} frames, {size}")
    say(f"{name}'s {track.source} has ended after {count} frames")


async def follow(call: MediaCall) -> None:
    """Listen to whatever anybody publishes, until the call is over."""
    async with asyncio.TaskGroup() as listeners:
        async for track in call.tracks():
            listeners.create_task(listen(track))


async def obey(room: Room, call: MediaCall, file: Path) -> None:
    """Do what is asked for in the chat."""
    async for event in room:
        message = None if isinstance(event, Resynced) else message_of(event)
        if message is None or room.from_me(event):
            continue
        try:
            if message.text == "!again":
                await call.play(file)
            elif message.text == "!leave":
                return
        except CommandFailed as refusal:  # the staff lets nobody but itself speak, say
            await room.send(refusal.error.message)


async def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(sys.argv[1]) if len(sys.argv) > 1 else write_intro(Path(folder) / "intro.webm")
        url, token = os.environ.get("BOT_SERVER", "http://localhost:8000"), os.environ["BOT_TOKEN"]
        async with Bot(url, token) as bot:
            room = await bot.join(os.environ.get("BOT_ROOM", "demo"))
            async with await room.join_call() as call:
                others = ", ".join(peer.user.name for peer in call.peers) or "nobody"
                say(f"In the call of {room.room.title}; others here: {others}")
                following = asyncio.create_task(follow(call))
                await call.play(file)
                say(f"Playing {file.name}. Say !again or !leave in the chat.")
                chatting = asyncio.create_task(obey(room, call, file))
                await asyncio.wait([following, chatting], return_when=asyncio.FIRST_COMPLETED)
                chatting.cancel()
            await following
    say("Left the call.")


if __name__ == "__main__":
    asyncio.run(main())
