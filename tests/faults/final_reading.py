"""The end of a run: everybody's history is read back, over REST from every node and over fresh sockets."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import aiohttp
import socketio

from tests.faults.history import END, History

_PAGE = 100
_TRIES = 20

Ask = Callable[[str, Mapping[str, Any]], Awaitable[Mapping[str, Any]]]
Page = Callable[[int], Awaitable[Mapping[str, Any]]]


async def head(url: str, token: str, room_id: str) -> tuple[str, int]:
    """The epoch and the last position of a room's log, as the database has it."""
    async with aiohttp.ClientSession() as session:
        answer = await _get(session, f"{url}/api/v1/rooms/{room_id}", token, {})
    return str(answer["summary"]["epoch"]), int(answer["summary"]["seq"])


async def read_over_rest(
    url: str, token: str, rooms: Mapping[str, str], history: History, process: str
) -> None:
    """Every message of each room (key -> id), written down as one complete view."""
    async with aiohttp.ClientSession() as session:
        for key, room_id in rooms.items():
            epoch, _ = await head(url, token, room_id)
            address = f"{url}/api/v1/rooms/{room_id}/messages"

            def page(after: int, address: str = address) -> Awaitable[Mapping[str, Any]]:
                return _get(session, address, token, {"after": str(after), "limit": str(_PAGE)})

            await _read(page, history, process, key, epoch)


async def read_over_socket(
    url: str, token: str, rooms: Mapping[str, str], history: History, process: str
) -> None:
    """The same through `room:join` and `message:history` on a connection that has just been made."""
    client = socketio.AsyncClient(reconnection=False, handle_sigint=False)
    await client.connect(url, auth={"token": token}, transports=["websocket"], wait_timeout=10)
    try:
        for key, room_id in rooms.items():
            joined = await _call(client, "room:join", {"room_id": room_id})

            async def page(after: int, room_id: str = room_id) -> Mapping[str, Any]:
                wish = {"room_id": room_id, "after": after, "limit": _PAGE}
                return await _call(client, "message:history", wish)

            await _read(page, history, process, key, joined["epoch"])
    finally:
        await client.disconnect()


async def _read(page: Page, history: History, process: str, key: str, epoch: str) -> None:
    after, more = 0, True
    while more:
        answer = await page(after)
        for message in answer["items"]:
            text = message["text"]
            cid = text.partition(" ")[0]
            history.record(process, "read", "ok", key, cid=cid, seq=message["seq"], epoch=epoch, value=text)
            after = message["seq"]
        more = answer["has_more"]
    history.record(process, "read", "ok", key, value=END)


async def _get(
    session: aiohttp.ClientSession, address: str, token: str, query: Mapping[str, str]
) -> Mapping[str, Any]:
    """A JSON answer; pages are asked for again as long as the server says that it is not well."""
    for _ in range(_TRIES):
        with contextlib.suppress(aiohttp.ClientConnectionError, TimeoutError):
            headers = {"Authorization": f"Bearer {token}"}
            async with session.get(address, params=query, headers=headers) as response:
                if response.status < 500:
                    response.raise_for_status()
                    answer: Mapping[str, Any] = await response.json()
                    return answer
        await asyncio.sleep(0.5)
    raise AssertionError(f"{address} cannot be read after {_TRIES} tries")


async def _call(client: Any, name: str, payload: Mapping[str, Any]) -> Mapping[str, Any]:
    answer = await client.call(name, payload, timeout=20)
    assert answer["ok"], answer
    data: Mapping[str, Any] = answer["data"]
    return data
