"""A client that keeps to no rules: Engine.IO over a bare WebSocket or bare requests, every packet by hand."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import aiohttp

from tests.integration.people import Json
from tests.services.homeroom import HomeroomServer


class RawSocket:
    """One WebSocket. Pings are answered, events are kept in `heard`, `close_code` is the server's."""

    def __init__(self, ws: aiohttp.ClientWebSocketResponse) -> None:
        self.ws = ws
        self.heard: list[Json] = []
        self._calls = 0

    async def sign_in(self, token: str) -> None:
        opening = await self.ws.receive_str()
        assert opening.startswith("0{")
        await self.ws.send_str("40" + json.dumps({"token": token}))
        while not any(event["type"] == "connection.ok" for event in self.heard):
            await self._read()

    async def ask(self, name: str, payload: object, *, ascii: bool = False) -> Json:
        """The acknowledgement; what was heard before it is in `heard`."""
        self._calls += 1
        await self.ws.send_str(f"42{self._calls}" + json.dumps([name, payload], ensure_ascii=ascii))
        wanted = f"43{self._calls}"
        while True:
            packet = await self._read()
            assert packet is not None, "closed before the answer"
            if packet.startswith(wanted + "["):
                answer: Json = json.loads(packet.removeprefix(wanted))[0]
                return answer

    async def send(self, packet: str | bytes) -> None:
        """Anything at all; a server that has hung up already is no error."""
        try:
            if isinstance(packet, bytes):
                await self.ws.send_bytes(packet)
            else:
                await self.ws.send_str(packet)
        except (aiohttp.ClientError, ConnectionError):
            return

    async def ended(self, seconds: float = 15) -> int | None:
        """The close code, once the server has closed."""
        async with asyncio.timeout(seconds):
            while await self._read() is not None:
                pass
        return self.ws.close_code

    def errors(self) -> list[str]:
        """The codes of the `connection.error`s that were told."""
        return [event["data"]["code"] for event in self.heard if event["type"] == "connection.error"]

    async def _read(self) -> str | None:
        message = await self.ws.receive()
        if message.type is not aiohttp.WSMsgType.TEXT:
            return None
        packet: str = message.data
        if packet == "2":
            await self.send("3")
        elif packet.startswith("42["):
            self.heard.append(json.loads(packet[2:])[1])
        return packet


@asynccontextmanager
async def raw_socket(
    server: HomeroomServer, token: str | None = None, headers: Mapping[str, str] | None = None
) -> AsyncIterator[RawSocket]:
    """A WebSocket, signed in if there is a token."""
    url = f"{server.url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket"
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(url, headers=headers, max_msg_size=0) as ws,
    ):
        raw = RawSocket(ws)
        if token is not None:
            await raw.sign_in(token)
        yield raw
