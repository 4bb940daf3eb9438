"""People in a call: stock Socket.IO clients, written from the protocol, that follow the call's state by its deltas."""

import asyncio
import contextlib
from collections.abc import Callable, Mapping, Sequence
from itertools import count
from typing import Any

import aiohttp
import socketio

from tests.services.homeroom import HomeroomServer

WAIT = 20.0
"""Seconds after which something that was waited for has failed to happen; nothing is measured by it."""

OFFER = {"type": "offer", "sdp": "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\n"}

Data = Mapping[str, Any]


class Refused(Exception):
    """A command was answered with an error."""

    def __init__(self, error: Data) -> None:
        super().__init__(f"{error['code']}: {error['message']}")
        self.code: str = error["code"]


class Caller:
    """One device of a person. `state` is the call as the deltas make it, `removed` why the seat is gone."""

    def __init__(self, name: str, server: HomeroomServer, token: str) -> None:
        self.name = name
        self.server = server
        self.token = token
        self.room_id = ""
        self.events: list[Data] = []
        self.state: dict[str, Any] | None = None
        self.seat: Data = {}
        self.removed: str | None = None
        self.gaps = 0
        self._moved = asyncio.Event()
        self._seq = count(1)
        self._session: aiohttp.ClientSession | None = None
        self._client: Any = None
        self._asking: set[asyncio.Task[Data]] = set()

    # ------------------------------------------------------------------------------------------------- the connection

    async def connect(self) -> "Caller":
        self._session = aiohttp.ClientSession()
        self._client = socketio.AsyncClient(
            reconnection=False, handle_sigint=False, http_session=self._session
        )
        self._client.on("*", self._hear)
        await self._client.connect(
            self.server.url, auth={"token": self.token}, transports=["websocket"], wait_timeout=WAIT
        )
        return self

    async def drop(self) -> None:
        """The connection breaks without a word."""
        if self._session is not None:
            await self._session.close()
        with contextlib.suppress(Exception):
            await self._client.disconnect()

    async def close(self) -> None:
        for task in self._asking:
            task.cancel()
        with contextlib.suppress(Exception):
            await self._client.disconnect()
        if self._session is not None:
            await self._session.close()

    @property
    def connected(self) -> bool:
        return bool(self._client.connected)

    # --------------------------------------------------------------------------------------------------- what is asked

    async def answer(self, name: str, payload: Data, apply: Callable[[Data], None] | None = None) -> Data:
        """The whole ack. `apply` sees its data before any event that came after it."""
        settled: asyncio.Future[Data] = asyncio.get_running_loop().create_future()

        def settle(ack: Data) -> None:
            if apply is not None and ack["ok"]:
                apply(ack["data"])
            if not settled.done():
                settled.set_result(ack)

        await self._client.emit(name, dict(payload), callback=settle)
        return await asyncio.wait_for(settled, WAIT)

    async def ask(self, name: str, **payload: Any) -> Data:
        """The data of the ack. Raises Refused."""
        ack = await self.answer(name, payload)
        if not ack["ok"]:
            raise Refused(ack["error"])
        data: Data = ack["data"]
        return data

    async def code(self, name: str, **payload: Any) -> str:
        """The error's code, or "ok"."""
        ack = await self.answer(name, payload)
        return "ok" if ack["ok"] else str(ack["error"]["code"])

    async def enter(self, key: str) -> "Caller":
        """Listens to the room."""
        self.room_id = (await self.ask("room:join", key=key))["room"]["id"]
        return self

    async def join(self, **wish: Any) -> Data:
        """Takes a seat in the room's call. Raises Refused."""
        ack = await self.answer("call:join", {"room_id": self.room_id, **wish}, self._seated)
        if not ack["ok"]:
            raise Refused(ack["error"])
        return self.seat

    async def come_back(self, *, fresh: bool = False, server: HomeroomServer | None = None) -> Data:
        """A new connection that resumes the seat."""
        self.server = server or self.server
        await self.connect()
        resume = {"peer_id": self.seat["peer_id"], "secret": self.seat["secret"]}
        return await self.join(resume=resume, fresh=fresh)

    async def do(self, name: str, **payload: Any) -> Data:
        """As `ask`, about the call that this caller is in."""
        return await self.ask(name, call_id=self.seat["call_id"], **payload)

    async def try_to(self, name: str, **payload: Any) -> str:
        """As `code`, about the call that this caller is in."""
        return await self.code(name, call_id=self.seat["call_id"], **payload)

    async def lead(self, action: str, whom: "Caller | None" = None, **more: Any) -> None:
        target = {} if whom is None else {"peer_id": whom.peer_id}
        await self.do("call:moderate", action=action, **target, **more)

    async def publish(self, source: str, **more: Any) -> str:
        """The track's id."""
        answer = await self.do("track:publish", source=source, stream_id=f"{self.name}-{source}", **more)
        return str(answer["track"]["id"])

    def signal_to(self, other: "Caller", **more: Any) -> dict[str, Any]:
        """The payload of a signal to another caller."""
        content = {} if {"candidate", "wants_offer"} & more.keys() else {"description": OFFER}
        return {
            "to": other.peer_id,
            "to_session": other.seat["session"],
            "seq": next(self._seq),
            **content,
            **more,
        }

    async def rest(self, path: str) -> tuple[int, Any]:
        """Status and body of a GET under /api/v1."""
        headers = {"Authorization": f"Bearer {self.token}"}
        url = f"{self.server.url}/api/v1{path}"
        async with aiohttp.ClientSession(headers=headers) as session, session.get(url) as answer:
            is_json = answer.content_type.endswith("json")
            return answer.status, await (answer.json() if is_json else answer.text())

    # --------------------------------------------------------------------------------------------------- what is known

    @property
    def peer_id(self) -> str:
        return str(self.seat["peer_id"])

    @property
    def call_id(self) -> str:
        return str(self.seat["call_id"])

    @property
    def peers(self) -> dict[str, Data]:
        return {peer["id"]: peer for peer in self.state["peers"]} if self.state is not None else {}

    @property
    def names(self) -> list[str]:
        """Who is in the call, as this caller sees it."""
        return sorted(peer["user"]["id"] for peer in self.peers.values() if peer["seat"] == "in")

    @property
    def waiting(self) -> list[str]:
        return sorted(peer["user"]["id"] for peer in self.peers.values() if peer["seat"] == "lobby")

    def sees(self, other: "Caller") -> Data:
        """Another's seat, as this caller sees it; empty when there is none."""
        return self.peers.get(other.peer_id, {})

    def heard(self, kind: str) -> list[Data]:
        """The data of all events of a kind so far."""
        return [event["data"] for event in self.events if event["type"] == kind]

    async def until(self, so: Callable[[], object], what: str = "") -> None:
        """Waits until it is so, looking after each event."""
        try:
            async with asyncio.timeout(WAIT):
                while not so():
                    self._moved.clear()
                    await self._moved.wait()
        except TimeoutError:
            told = [(event["type"], event["data"]) for event in self.events[-6:]]
            raise AssertionError(
                f"{self.name} waited in vain: {what}\nstate {self.state}\nevents {told}"
            ) from None

    async def hears(self, kind: str, number: int = 1) -> Data:
        """The data of the number-th event of a kind, once it has come."""
        await self.until(lambda: len(self.heard(kind)) >= number, f"for {kind}")
        return self.heard(kind)[number - 1]

    async def sees_in(self, *callers: "Caller | str") -> None:
        """Waits until exactly these people are in the call."""
        names = sorted(one if isinstance(one, str) else one.name for one in callers)
        await self.until(lambda: self.names == names, f"for {names}")

    async def sees_hands(self, *peer_ids: str) -> None:
        """Waits until the queue of raised hands is this."""
        await self.until(lambda: (self.state or {}).get("hands") == list(peer_ids), f"for hands {peer_ids}")

    async def sees_loud(self, other: "Caller", *sources: str) -> None:
        """Waits until this is what may be played of another."""
        await self.until(lambda: self.loud(other) == set(sources), f"to hear {sources} of {other.name}")

    def loud(self, other: "Caller") -> set[str]:
        """What may be played of another now."""
        return {track["source"] for track in self.sees(other)["tracks"] if not track["muted"]}

    async def signals_from(self, other: "Caller", number: int) -> None:
        """Waits until so many signals of another have come."""

        def so() -> bool:
            return (
                len([1 for told in self.heard("call.signal") if told["from_peer"] == other.peer_id]) == number
            )

        await self.until(so, f"for {number} signals of {other.name}")

    async def reaches(self, version: int) -> None:
        """Waits until the state is at least of that version."""
        await self.until(lambda: (self.state or {}).get("version", 0) >= version, f"for version {version}")

    async def sees_all_connected(self) -> None:
        await self.until(lambda: all(peer["connected"] for peer in self.peers.values()), "for connections")

    # ---------------------------------------------------------------------------------------------------------------

    def _seated(self, data: Data) -> None:
        self.seat = data
        self.removed = None
        self.state = dict(data["state"]) if "state" in data else None

    def _hear(self, kind: str, payload: Any = None, *_more: object) -> None:
        if not isinstance(payload, Mapping):
            return
        self.events.append(payload)
        data: Data = payload["data"]
        if kind == "call.updated":
            self._update(data)
        elif kind == "call.admitted":
            self.state = dict(data["state"])
        elif kind == "call.removed" and data["peer_id"] == self.seat.get("peer_id"):
            self.removed = data["reason"]
        self._moved.set()

    def _update(self, told: Data) -> None:
        """The rule of `call.updated`, as the protocol has it."""
        if self.state is None or told["version"] <= self.state["version"]:
            return
        if told["since"] > self.state["version"]:
            self.gaps += 1
            task = asyncio.ensure_future(
                self.answer("call:state", {"call_id": told["call_id"]}, self._snapshot)
            )
            self._asking.add(task)
            task.add_done_callback(self._asking.discard)
            return
        peers = {peer["id"]: peer for peer in self.state["peers"]}
        for departure in told["gone"]:
            peers.pop(departure["peer_id"], None)
        peers |= {peer["id"]: peer for peer in told["peers"]}
        self.state = {
            "call": told.get("call", self.state["call"]),
            "version": told["version"],
            "peers": [peers[peer_id] for peer_id in sorted(peers)],
            "hands": told["hands"],
        }

    def _snapshot(self, data: Data) -> None:
        if self.state is None or data["version"] > self.state["version"]:
            self.state = dict(data)
        self._moved.set()


class School:
    """A room of a test's own on one or more nodes, and those who come to it."""

    def __init__(self, nodes: Sequence[HomeroomServer], key: str) -> None:
        self.nodes = nodes
        self.key = key
        self.callers: list[Caller] = []

    def token(
        self, user: str, *, role: str = "student", rooms: Mapping[str, str] | None = None, **claims: Any
    ) -> str:
        return self.nodes[0].token(
            user, role=role, rooms={self.key: "member"} if rooms is None else rooms, **claims
        )

    async def caller(
        self,
        name: str,
        *,
        node: int = 0,
        token: str | None = None,
        enters: bool = True,
        room_role: str = "member",
        **claims: Any,
    ) -> Caller:
        """Somebody connected, to a node by number, who listens to the room."""
        token = token or self.token(name, rooms={self.key: room_role}, **claims)
        caller = Caller(name, self.nodes[node % len(self.nodes)], token)
        self.callers.append(caller)
        await caller.connect()
        return await caller.enter(self.key) if enters else caller

    async def lecturer(self, name: str = "noor", *, node: int = 0) -> Caller:
        return await self.caller(name, node=node, role="instructor", room_role="owner")

    async def call(self, *names: str) -> list[Caller]:
        """A call of the lecturer and pupils, who sit on the nodes by turns; everybody sees everybody."""
        callers = [await self.lecturer()]
        await callers[0].join()
        for number, name in enumerate(names, 1):
            caller = await self.caller(name, node=number)
            await caller.join()
            callers.append(caller)
        for caller in callers:
            await caller.sees_in(*callers)
        return callers

    async def close(self) -> None:
        for caller in self.callers:
            await caller.close()
