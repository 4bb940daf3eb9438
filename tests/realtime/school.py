"""Whole nodes in one process, composed as the server composes them: only the sockets are left out.

`Client` stands where a connection would: it keeps what it is sent, decoded, and sends commands through the gateway.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

from pydantic import SecretStr

from auth.identity import Identity
from contract.clock import Clock, SystemClock
from contract.events import LogEvent
from contract.ids import IdFactory
from contract.people import RoomRole, SignInRole
from contract.rooms import CreateRoom, NewMember, RoomKind, Visibility
from db.engine import open_database
from realtime.bus.memory import MemoryBus, MemoryExchange
from realtime.engine import Connection, Engine, Frame
from realtime.gateway import Gateway
from realtime.log import store
from server.classroom import build_classroom
from server.foundation import Foundation, build_trust, engine_settings
from server.metrics import Metrics
from server.settings import Settings

SECRET = "a-secret-for-tests-of-at-least-32-bytes"


def person(
    user_id: str,
    role: SignInRole = SignInRole.STUDENT,
    rooms: Mapping[str, RoomRole] | None = None,
    name: str | None = None,
) -> Identity:
    """Somebody whose token was verified."""
    now = datetime.now(UTC)
    return Identity(
        user_id=user_id,
        name=name or user_id.capitalize(),
        role=role,
        picture=None,
        rooms=rooms,
        jti=None,
        issued_at=now,
        expires_at=now + timedelta(hours=1),
    )


TEACHER = person("teacher", SignInRole.INSTRUCTOR)
ADMIN = person("admin", SignInRole.ADMIN)
ANA = person("ana")
BEN = person("ben")
EVE = person("eve")
BOT = person("robot", SignInRole.BOT)
GUEST = person("guest", SignInRole.GUEST)
EVERYBODY = (TEACHER, ADMIN, ANA, BEN, EVE, BOT, GUEST)


class Client:
    """A connection without a socket."""

    def __init__(self, node: "Node", sid: str) -> None:
        self.sid = sid
        self.address = "192.0.2.1"
        self.context: Any = None
        self.received: list[dict[str, Any]] = []
        self.closed: list[tuple[str, bool]] = []
        self.node = node
        self._news = asyncio.Event()

    def send(self, event: Frame) -> None:
        name, payload = json.loads(event.encoded[2:])
        assert payload["type"] == name
        self._take(payload)

    async def close(self, reason: str, *, final: bool) -> None:
        self.closed.append((reason, final))
        self._news.set()

    async def command(self, name: str, payload: Mapping[str, object]) -> dict[str, Any]:
        """The ack, which stands in `received` where it left, as type "ack"."""
        reply = await self.node.gateway.on_command(self.as_connection, name, [dict(payload)])
        ack = json.loads(json.dumps(reply.ack))
        self._take({"type": "ack", "command": name, **ack})
        if reply.after is not None:
            reply.after()
        return cast("dict[str, Any]", ack)

    async def asks(self, name: str, payload: Mapping[str, object]) -> dict[str, Any]:
        """The data of an ack that must be good."""
        ack = await self.command(name, payload)
        assert ack["ok"], ack
        return cast("dict[str, Any]", ack["data"])

    async def disconnect(self) -> None:
        await self.node.gateway.on_disconnect(self.as_connection, "transport_close")

    @property
    def as_connection(self) -> Connection:
        return cast("Connection", self)

    def seqs(self, room_id: str) -> list[int]:
        """Of the room's log events, in the order in which they came."""
        return [one["seq"] for one in self.received if one.get("room_id") == room_id and "seq" in one]

    def of_type(self, name: str) -> list[dict[str, Any]]:
        return [one for one in self.received if one["type"] == name]

    async def until(self, condition: Callable[[], bool], seconds: float = 30) -> None:
        """Waits for something that receiving will make true."""
        async with asyncio.timeout(seconds):
            while not condition():
                self._news.clear()
                await self._news.wait()

    async def is_closed(self) -> None:
        """Returns once the server has closed it."""
        await self.until(lambda: bool(self.closed))

    async def hears(self, name: str) -> dict[str, Any]:
        """The first event of that type."""
        await self.until(lambda: bool(self.of_type(name)))
        return self.of_type(name)[0]

    def _take(self, payload: dict[str, Any]) -> None:
        self.received.append(payload)
        self._news.set()


class Node:
    """One node. Its upkeep does not run by itself: tests call what they are about."""

    def __init__(
        self,
        url: str,
        folder: Path,
        exchange: MemoryExchange | None = None,
        name: str = "node_a",
        clock: Clock | None = None,
    ) -> None:
        settings = Settings(
            data_dir=folder,
            database_url=SecretStr(url),
            jwt_secret=SecretStr(SECRET),
            jwt_issuer="https://lms.test",
            jwt_audience="homeroom",
            limits=False,
        )
        self.clock = clock or SystemClock()
        self.ids = IdFactory(self.clock)
        self.bus = MemoryBus(name, exchange)
        self.database = open_database(url)
        self.metrics = Metrics()
        engine = Engine(engine_settings(settings), self.clock, self.metrics)
        self.base = Foundation(settings, self.clock, self.ids, self.metrics, self.database, self.bus, engine)
        self.trust = build_trust(self.base)
        self.classroom = build_classroom(self.base, self.trust)
        self.epochs, self.writer = self.classroom.log.epochs, self.classroom.log.writer
        self.delivery, self.relay = self.classroom.log.delivery, self.classroom.log.relay
        self.rooms, self.chat = self.classroom.services.rooms, self.classroom.services.chat
        self.sync = self.classroom.services.sync
        self.sessions, self.upkeep = self.classroom.live.sessions, self.classroom.live.upkeep
        self.gateway = cast("Gateway", engine._application)

    async def start(self) -> None:
        await self.epochs.open()
        await self.bus.start()
        await self.relay.start()
        await self.writer.start()

    async def close(self) -> None:
        await self.writer.close()
        await self.relay.close()
        await self.classroom.live.personal.close()
        await self.delivery.close()
        await self.bus.close()
        await self.database.close()

    async def admit(self, *people: Identity) -> None:
        for who in people:
            await self.rooms.admit(who)

    async def connect(self, who: Identity) -> Client:
        """A connection of somebody whose token says what the identity says."""
        client = Client(self, self.ids.new("sid"))
        await self.gateway.on_connect(client.as_connection, {"token": self.token(who)})
        return client

    def token(self, who: Identity) -> str:
        assert self.trust.issuer is not None
        return self.trust.issuer.issue(who.user_id, who.name, who.role, rooms=who.rooms, ttl_seconds=3600)

    async def room(
        self,
        who: Identity = TEACHER,
        *members: Identity,
        kind: RoomKind = RoomKind.COURSE,
        visibility: Visibility = Visibility.MEMBERS,
        key: str | None = None,
    ) -> str:
        """The id of a new room of `who`, with those members."""
        await self.admit(who, *members)
        wish = CreateRoom(
            kind=kind,
            title="Algebra",
            visibility=visibility,
            key=key,
            members=[NewMember(user_id=member.user_id) for member in members],
        )
        return (await self.rooms.create(who, wish)).summary.room.id

    async def events(self, room_id: str) -> list[LogEvent]:
        """The room's whole log, from the database."""
        async with self.database.reading() as connection:
            return list(await store.events_after(connection, self.epochs.epoch, room_id, 0, 100_000))


@asynccontextmanager
async def running(*nodes: Node) -> AsyncIterator[None]:
    for node in nodes:
        await node.start()
    try:
        yield
    finally:
        for node in reversed(nodes):
            await node.close()


def later(who: Identity, **changes: Any) -> Identity:
    """The same person with another token."""
    return replace(who, **changes)
