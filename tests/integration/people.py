"""Somebody with a stock Python Socket.IO client: asks, hears, and remembers everything in the order it came."""

import asyncio
import itertools
from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from typing import Any

import aiohttp
import socketio

from tests.services.homeroom import HomeroomServer

Json = dict[str, Any]

_HEARING_SECONDS = 15


class Refused(Exception):
    """The server refused the connection; `data` is what it said."""

    def __init__(self, data: Json) -> None:
        super().__init__(str(data))
        self.data = data


class Person:
    """One connection of somebody. `heard` is every event, `position` how far into it `hears` has looked."""

    def __init__(self, server: HomeroomServer, user: str, token: str) -> None:
        self.server = server
        self.user = user
        self.token = token
        self.heard: list[Json] = []
        self.gone = asyncio.Event()
        self._news = asyncio.Event()
        self.socket: Any = socketio.AsyncClient(reconnection=False)
        self.socket.on("*", self._hear)
        self.socket.on("disconnect", self._leave)

    async def connect(self, transports: Sequence[str] | None = ("websocket",)) -> None:
        """Returns once greeted; raises Refused with what the server answered to the CONNECT."""
        refusals: list[Any] = []
        self.socket.on("connect_error", refusals.append)
        try:
            await self.socket.connect(
                self.server.url,
                auth={"token": self.token},
                transports=None if transports is None else [*transports],
                wait_timeout=_HEARING_SECONDS,
            )
        except socketio.exceptions.ConnectionError as error:
            if refusals and isinstance(refusals[0], dict):
                raise Refused(refusals[0]) from error
            raise
        await self.hears("connection.ok")

    async def disconnect(self) -> None:
        await self.socket.disconnect()

    async def ask(self, name: str, payload: object) -> Json:
        """The acknowledgement, whichever it is."""
        answer: Json = await self.socket.call(name, payload, timeout=20)
        return answer

    async def do(self, name: str, payload: Mapping[str, object]) -> Json:
        """The data of an answer that must be ok."""
        answer = await self.ask(name, dict(payload))
        assert answer["ok"], (name, answer)
        data: Json = answer["data"]
        return data

    async def refused(self, name: str, payload: object) -> Json:
        """The error of an answer that must be a refusal."""
        answer = await self.ask(name, payload)
        assert not answer["ok"], (name, answer)
        error: Json = answer["error"]
        return error

    async def hears(
        self, type: str, fits: Callable[[Json], bool] = lambda event: True, seconds: float = _HEARING_SECONDS
    ) -> Json:
        """The first event of that type that fits, heard already or soon."""
        try:
            async with asyncio.timeout(seconds):
                while True:
                    for event in self.heard:
                        if event["type"] == type and fits(event):
                            return event
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            raise AssertionError(f"{self.user} heard no such {type}, only {self.types()}") from None

    async def hears_text(self, text: str, seconds: float = _HEARING_SECONDS) -> Json:
        return await self.hears(
            "message.new", lambda event: event["data"]["message"]["text"] == text, seconds
        )

    async def caught_up(self) -> None:
        """Everything that was sent to this connection until now has been heard: events and answers keep their order."""
        await self.do("room:list", {"limit": 1})

    def types(self, room_id: str | None = None) -> list[str]:
        """What was heard, of one room or at all."""
        return [event["type"] for event in self.heard if room_id is None or event.get("room_id") == room_id]

    def log(self, room_id: str) -> list[Json]:
        """The events of a room's log, in the order in which they came."""
        return [event for event in self.heard if event.get("room_id") == room_id and "seq" in event]

    async def joins(self, room_id: str, **more: object) -> Json:
        return await self.do("room:join", {"room_id": room_id, **more})

    async def says(self, room_id: str, text: str, client_id: str | None = None) -> Json:
        wish = {"room_id": room_id, "client_id": client_id or fresh("c"), "text": text}
        return await self.do("message:send", wish)

    def _hear(self, name: str, *arguments: Any) -> None:
        event = arguments[0]
        assert event["type"] == name
        assert len(arguments) == 1
        self.heard.append(event)
        self._news.set()

    def _leave(self, *_reason: object) -> None:
        self.gone.set()


_numbers = itertools.count(1)


def fresh(prefix: str) -> str:
    """A name that no other test uses."""
    return f"{prefix}-{next(_numbers)}"


class School:
    """Lets people in and sees them off at the end of a test."""

    def __init__(self, *servers: HomeroomServer) -> None:
        self.servers = servers
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> "School":
        await self._stack.__aenter__()
        return self

    async def __aexit__(self, *exception: Any) -> None:
        await self._stack.__aexit__(*exception)

    async def person(
        self,
        user: str | None = None,
        role: str = "student",
        *,
        on: int = 0,
        transports: Sequence[str] | None = ("websocket",),
        token: str | None = None,
        **claims: Any,
    ) -> Person:
        """Somebody connected to node number `on`."""
        user = user or fresh("u")
        server = self.servers[on]
        person = Person(server, user, token or server.token(user, role=role, **claims))
        self._stack.push_async_callback(person.disconnect)
        await person.connect(transports)
        return person

    async def room(self, owner: Person, *members: Person | str, kind: str = "course", **more: Any) -> str:
        """The id of a new room with these members; whoever is connected has joined it."""
        ids = [member if isinstance(member, str) else member.user for member in members]
        others = [{"user_id": user} for user in ids if user != owner.user]
        title = {} if kind == "direct" else {"title": fresh("Room")}
        made = await owner.do("room:create", {"kind": kind, **title, "members": others, **more})
        room_id: str = made["summary"]["room"]["id"]
        for person in (owner, *members):
            if isinstance(person, Person):
                await person.joins(room_id)
        return room_id


class Rest:
    """REST calls of one person."""

    def __init__(self, server: HomeroomServer, token: str | None) -> None:
        self._server = server
        self._headers = {} if token is None else {"Authorization": f"Bearer {token}"}

    async def call(
        self, method: str, path: str, *, headers: Mapping[str, str] | None = None, **options: Any
    ) -> tuple[int, Json, Mapping[str, str]]:
        """Status, body and headers."""
        async with (
            aiohttp.ClientSession() as session,
            session.request(
                method, f"{self._server.url}{path}", headers={**self._headers, **(headers or {})}, **options
            ) as answer,
        ):
            return answer.status, await answer.json(content_type=None), answer.headers.copy()

    async def is_ready(self) -> bool:
        return (await self.call("GET", "/readyz"))[0] == 200

    async def is_not_ready(self) -> bool:
        return not await self.is_ready()


async def metric(server: HomeroomServer, line: str) -> float:
    """The value of one line of /metrics, `name` or `name{label="value"}`; 0 when there is none."""
    async with aiohttp.ClientSession() as session, session.get(f"{server.url}/metrics") as answer:
        text = await answer.text()
    values = [row.rpartition(" ")[2] for row in text.splitlines() if row.rpartition(" ")[0] == line]
    return float(values[0]) if values else 0.0


async def eventually(condition: Callable[[], Any], seconds: float = 15) -> Any:
    """Waits, by asking again, for something that happens in another process; what `condition` gave in the end."""
    async with asyncio.timeout(seconds):
        while not (result := await condition()):
            await asyncio.sleep(0.05)
    return result
