"""Many listeners and some speakers on raw WebSockets: as little work as can be, so that the server is what is measured."""

import asyncio
import json
import time
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field

import aiohttp

_NEW = '42["message.new"'
_AT_ONCE = 20
"""Connections being opened at the same time."""


@dataclass
class Measured:
    """Seconds; `cpu` is the server's, `own_cpu` that of the load."""

    acks: list[float] = field(default_factory=list)
    arrivals: list[float] = field(default_factory=list)
    elapsed: float = 0.0
    cpu: float = 0.0
    own_cpu: float = 0.0


class Ear:
    """One connection that counts what it is told. Every message's text is the speaker's clock when it was sent."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse, sampled: bool) -> None:
        self.heard = 0
        self._told = asyncio.Event()
        self.arrivals: list[float] = []
        self._socket = socket
        self._sampled = sampled
        self._acks: dict[int, asyncio.Future[str]] = {}
        self._reading = asyncio.create_task(self._read())

    @classmethod
    async def open(cls, session: aiohttp.ClientSession, url: str, token: str, *, sampled: bool) -> "Ear":
        """Connect and sign in (Engine.IO v4, Socket.IO v5)."""
        address = f"{url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket"
        socket = await session.ws_connect(address, max_msg_size=16 * 2**20)
        await socket.receive_str()
        await socket.send_str("40" + json.dumps({"token": token}))
        while not (packet := await socket.receive_str()).startswith("40"):
            assert packet == "2", packet
            await socket.send_str("3")
        return cls(socket, sampled)

    async def ask(self, number: int, name: str, payload: object) -> dict[str, object]:
        """The data of the answer."""
        answer: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._acks[number] = answer
        await self._socket.send_str(f"42{number}{json.dumps([name, payload])}")
        reply = json.loads(await asyncio.wait_for(answer, 30))[0]
        assert reply["ok"], reply
        data: dict[str, object] = reply["data"]
        return data

    async def until(self, count: int) -> None:
        """Return when so many messages have been heard."""
        while self.heard < count:
            self._told.clear()
            await self._told.wait()

    async def close(self) -> None:
        self._reading.cancel()
        await self._socket.close()

    async def _read(self) -> None:
        async for packet in self._socket:
            text: str = packet.data
            if text.startswith(_NEW):
                self.heard += 1
                self._told.set()
                if self._sampled:
                    said = float(json.loads(text[2:])[1]["data"]["message"]["text"])
                    self.arrivals.append(time.monotonic() - said)
            elif text.startswith("43"):
                number, _, rest = text[2:].partition("[")
                self._acks.pop(int(number)).set_result("[" + rest)
            elif text == "2":
                await self._socket.send_str("3")


@dataclass(frozen=True)
class Load:
    """What is put on a server: so many listeners in one room, some of whom speak in turn, so often and for so long."""

    listeners: int
    speakers: int
    rate: float
    seconds: float

    @property
    def messages(self) -> int:
        return int(self.rate * self.seconds)


async def run(
    url: str, tokens: Sequence[str], room: str, load: Load, server_cpu: Callable[[], float]
) -> Measured:
    """Speak at a steady rate, whatever the server does with it, and wait until every ear has heard everything."""
    async with AsyncExitStack() as stack:
        connector = aiohttp.TCPConnector(limit=0)
        session = await stack.enter_async_context(aiohttp.ClientSession(connector=connector))
        ears = await _listen(session, url, tokens, room, stack)
        joined = await ears[0].ask(2, "room:join", {"key": room})
        measured, begun, cpu, own = Measured(), time.monotonic(), server_cpu(), time.process_time()
        await _speak(ears[: load.speakers], joined, load, measured)
        async with asyncio.timeout(60):
            await asyncio.gather(*(ear.until(load.messages) for ear in ears))
        measured.elapsed = time.monotonic() - begun
        measured.cpu, measured.own_cpu = server_cpu() - cpu, time.process_time() - own
        measured.arrivals = [seconds for ear in ears for seconds in ear.arrivals]
        return measured


async def _listen(
    session: aiohttp.ClientSession, url: str, tokens: Sequence[str], room: str, stack: AsyncExitStack
) -> list[Ear]:
    gate = asyncio.Semaphore(_AT_ONCE)

    async def enter(index: int, token: str) -> Ear:
        async with gate:
            ear = await Ear.open(session, url, token, sampled=index % 10 == 0)
            stack.push_async_callback(ear.close)
            await ear.ask(1, "room:join", {"key": room})
            return ear

    return list(await asyncio.gather(*(enter(index, token) for index, token in enumerate(tokens))))


async def _speak(ears: Sequence[Ear], joined: dict[str, object], load: Load, measured: Measured) -> None:
    room = joined["room"]
    assert isinstance(room, dict)

    async def say(number: int) -> None:
        said = time.monotonic()
        payload = {"room_id": room["id"], "client_id": f"bench-{number}", "text": repr(said)}
        await ears[number % len(ears)].ask(number + 10, "message:send", payload)
        measured.acks.append(time.monotonic() - said)

    begun = time.monotonic()
    async with asyncio.TaskGroup() as saying:
        for number in range(load.messages):
            await asyncio.sleep(max(0.0, begun + number / load.rate - time.monotonic()))
            saying.create_task(say(number))
