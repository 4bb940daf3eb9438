"""A member of a class: a stock Socket.IO client, written from the protocol, that writes down all it is told.

It records events as they arrive and heals nothing silently: on a live connection the log has to come gapless and in order.
"""

import asyncio
import contextlib
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import aiohttp
import socketio

from tests.faults.history import END, History

_ANSWER_SECONDS = 5
_OPEN_SECONDS = 8
_RETRY_SECONDS = (0.05, 0.4)


@dataclass
class Place:
    """Where a member is in one room's log."""

    key: str
    room_id: str = ""
    epoch: str = ""
    seq: int = 0
    listening: bool = False


@dataclass
class Tamper:
    """Spoils what arrives, before it is written down: for testing the test."""

    spoil: Callable[[Mapping[str, Any]], Sequence[Mapping[str, Any]]] = field(default=lambda event: [event])


class Member:
    """`await member.start()`, `send`, `drop`; `reached(heads)` waits for the end of every room's log.

    Without `transports` it does what the library does by itself: polling first, then an upgrade.
    """

    def __init__(
        self,
        name: str,
        token: str,
        *,
        urls: Sequence[str],
        rooms: Sequence[str],
        history: History,
        dice: random.Random,
        transports: list[str] | None = None,
        tamper: Tamper | None = None,
    ) -> None:
        self.name = name
        self.places = {key: Place(key) for key in rooms}
        self.acknowledged = 0
        self.resets = 0
        self._token = token
        self._urls = list(urls)
        self._history = history
        self._dice = dice
        self._transports = transports
        self._tamper = tamper or Tamper()
        self._by_id: dict[str, Place] = {}
        self._asked: set[asyncio.Future[Mapping[str, Any]]] = set()
        self._socket: Any = None
        self._session: aiohttp.ClientSession | None = None
        self._listening = asyncio.Event()
        self._moved = asyncio.Event()
        self._running: asyncio.Task[None] | None = None
        self._turn = dice.randrange(len(self._urls))

    async def start(self) -> None:
        """Connect, in the background for good, and return when every room is joined."""
        self._running = asyncio.create_task(self._run(), name=self.name)
        await self._listening.wait()

    async def stop(self) -> None:
        if self._running is not None:
            self._running.cancel()
            await asyncio.gather(self._running, return_exceptions=True)

    async def drop(self) -> None:
        """Let the connection break without a word."""
        if self._session is not None:
            await self._session.close()

    async def send(self, key: str, cid: str, deadline: float) -> str | None:
        """Say something, with the same client_id until it is acknowledged; given up (unknown) at the loop time `deadline`.

        The id of the message, when it was acknowledged.
        """
        text = f"{cid} from {self.name}"
        place = self.places[key]
        self._history.record(self.name, "send", "invoke", key, cid=cid, value=text)
        payload = {"room_id": place.room_id, "client_id": cid, "text": text}
        while asyncio.get_running_loop().time() < deadline:
            answer = await self._ask("message:send", payload)
            if answer.get("ok") is True:
                data = answer["data"]
                self._history.record(
                    self.name, "send", "ok", key, cid=cid, seq=data["seq"], epoch=data["epoch"]
                )
                self.acknowledged += 1
                return str(data["message"]["id"])
            if _final(answer.get("error", {})):
                code = answer["error"]["code"]
                self._history.record(self.name, "send", "fail", key, cid=cid, value=code)
                return None
            await self._rest(answer.get("error", {}))
        self._history.record(self.name, "send", "info", key, cid=cid)
        return None

    async def react(self, message_id: str) -> None:
        """Once, whatever becomes of it: an event of the log that is no message."""
        await self._ask("reaction:add", {"message_id": message_id, "emoji": "👍"})

    async def reached(self, heads: Mapping[str, int], seconds: float) -> bool:
        """Whether this client was told everything up to the head of each room, within `seconds`."""
        try:
            async with asyncio.timeout(seconds):
                while any(self.places[key].seq < head for key, head in heads.items()):
                    self._moved.clear()
                    await self._moved.wait()
        except TimeoutError:
            return False
        return True

    def close_view(self) -> None:
        """Claim that everything said is in this view."""
        for key in self.places:
            self._history.record(self.name, "recv", "ok", key, value=END)

    async def _run(self) -> None:
        while True:
            with contextlib.suppress(
                socketio.exceptions.SocketIOError, aiohttp.ClientError, OSError, TimeoutError
            ):
                await self._one_connection()
            self._listening.clear()
            for place in self.places.values():
                place.listening = False
            for answer in self._asked:
                if not answer.done():
                    answer.set_result({})
            await self._rest({})

    async def _one_connection(self) -> None:
        self._turn += 1
        url = self._urls[self._turn % len(self._urls)]
        self._session = aiohttp.ClientSession()
        self._socket = client = socketio.AsyncClient(
            reconnection=False, handle_sigint=False, http_session=self._session
        )
        client.on("*", self._on_event)
        try:
            async with asyncio.timeout(_OPEN_SECONDS):
                await client.connect(
                    url, auth={"token": self._token}, transports=self._transports, wait_timeout=_OPEN_SECONDS
                )
            if await self._join_all():
                self._listening.set()
                await asyncio.shield(client.eio.read_loop_task or asyncio.sleep(0))
        finally:
            with contextlib.suppress(Exception):
                async with asyncio.timeout(2):
                    await client.disconnect()
            await self._session.close()

    async def _join_all(self) -> bool:
        for place in self.places.values():
            wish: dict[str, Any] = {"key": place.key}
            if place.room_id:
                since = {"epoch": place.epoch, "seq": place.seq}
                wish = {"room_id": place.room_id, "since": since}
            while not place.listening:
                answer = await self._ask("room:join", wish, partial(self._joined, place))
                if not answer or _final(answer.get("error", {})):
                    return False
                if not place.listening:
                    await self._rest(answer.get("error", {}))
        return True

    def _joined(self, place: Place, data: Mapping[str, Any]) -> None:
        """Runs before any event that came after the answer is looked at."""
        first = not place.room_id
        place.room_id = data["room"]["id"]
        self._by_id[place.room_id] = place
        how = "joined" if first else "recovered" if data["recovered"] else "reset"
        self.resets += how == "reset"
        base = place.seq if how == "recovered" else data["seq"]
        self._history.record(self.name, "resume", "ok", place.key, seq=base, epoch=data["epoch"], value=how)
        place.epoch, place.seq, place.listening = data["epoch"], base, True
        for event in data["events"] if how == "recovered" else ():
            self._note(place, event)

    def _on_event(self, _name: str, payload: object = None, *_more: object) -> None:
        if isinstance(payload, Mapping) and "seq" in payload and payload.get("room_id") in self._by_id:
            self._note(self._by_id[payload["room_id"]], payload)

    def _note(self, place: Place, event: Mapping[str, Any]) -> None:
        for arrived in self._tamper.spoil(event):
            seq, text = arrived["seq"], value_of(arrived)
            self._history.record(
                self.name,
                "recv",
                "ok",
                place.key,
                cid=cid_of(arrived),
                seq=seq,
                epoch=arrived["epoch"],
                value=text,
            )
        place.epoch, place.seq = event["epoch"], max(place.seq, event["seq"])
        self._moved.set()

    async def _ask(
        self, name: str, payload: Mapping[str, Any], apply: Callable[[Mapping[str, Any]], None] | None = None
    ) -> Mapping[str, Any]:
        """The whole answer; empty when none came."""
        answer: asyncio.Future[Mapping[str, Any]] = asyncio.get_running_loop().create_future()

        def settle(reply: Mapping[str, Any]) -> None:
            if apply is not None and reply.get("ok") is True:
                apply(reply["data"])
            if not answer.done():
                answer.set_result(reply)

        if name == "message:send":
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._listening.wait(), _ANSWER_SECONDS)
        self._asked.add(answer)
        try:
            await self._socket.emit(name, dict(payload), callback=settle)
            return await asyncio.wait_for(answer, _ANSWER_SECONDS)
        except (socketio.exceptions.SocketIOError, TimeoutError):
            return {}
        finally:
            self._asked.discard(answer)

    async def _rest(self, error: Mapping[str, Any]) -> None:
        await asyncio.sleep(error.get("retry_after_ms", 0) / 1000 + self._dice.uniform(*_RETRY_SECONDS))


def _final(error: Mapping[str, Any]) -> bool:
    return bool(error) and not error.get("retryable") and error.get("code") != "not_joined"


def value_of(event: Mapping[str, Any]) -> str:
    """What two views of one position must agree on."""
    if event["type"] == "message.new":
        return str(event["data"]["message"]["text"])
    return str(event["type"])


def cid_of(event: Mapping[str, Any]) -> str | None:
    """Messages of a run begin with their client_id."""
    return value_of(event).partition(" ")[0] if event["type"] == "message.new" else None
