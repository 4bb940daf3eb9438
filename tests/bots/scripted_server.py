"""A Socket.IO server that speaks just enough of the protocol to put a bot into any situation a test wants."""

import asyncio
from collections.abc import Mapping
from typing import Any

import socketio
from aiohttp import web

from tests.bots.log_events import ROOM, TIME, envelope, message

BOT = {"id": "helper", "name": "Helper", "role": "bot"}


class ScriptedServer:
    """One room with a log; what goes wrong is set by the test in its attributes."""

    def __init__(self) -> None:
        self.epoch = "e1"
        self.log: list[dict[str, Any]] = []
        self.replay = 300
        """More missed events than this are not replayed."""
        self.silent = 0
        """So many commands to come are carried out, then the connection breaks before the answer."""
        self.errors: list[dict[str, Any]] = []
        """Refusals of the next `message:send` commands."""
        self.refuse: str | None = None
        self.tokens: list[str] = []
        self.commands: list[tuple[str, Any]] = []
        self.url = ""
        self._sent: dict[str, dict[str, Any]] = {}
        self._transports: list[asyncio.WriteTransport] = []
        self._server = socketio.AsyncServer(async_mode="aiohttp", async_handlers=False)
        self._server.on("connect", self._connect)
        self._server.on("*", self._command)
        self._runner: web.AppRunner | None = None

    async def __aenter__(self) -> "ScriptedServer":
        app = web.Application()
        self._server.attach(app)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(self, *_exception: object) -> None:
        self.drop()
        if self._runner is not None:
            await self._runner.cleanup()

    async def say(self, *, heard: bool = True, text: str | None = None, again: bool = False) -> int:
        """Add to the log, and tell it (again) unless it shall get lost."""
        event = self._append(text)
        for _ in range(heard + again):
            await self._server.emit(event["type"], event)
        return int(event["seq"])

    async def tell(self, name: str, data: Mapping[str, Any]) -> None:
        await self._server.emit(name, {"type": name, "ts": TIME, "data": dict(data)})

    def drop(self) -> None:
        """Break every connection."""
        while self._transports:
            self._transports.pop().abort()

    def asked(self, name: str) -> list[Any]:
        """The payloads of every such command so far."""
        return [payload for command, payload in self.commands if command == name]

    async def _connect(self, sid: str, environ: Mapping[str, Any], auth: Mapping[str, str]) -> None:
        self._transports.append(environ["aiohttp.request"].transport)
        self.tokens.append(auth["token"])
        if self.refuse is not None:
            raise socketio.exceptions.ConnectionRefusedError("No.", {"code": self.refuse})
        greeting = {
            "user": BOT,
            "expires_at": TIME,
            "server_time": TIME,
            "protocol": 1,
            "max_text": 8000,
            "max_message_bytes": 65536,
            "news": "a field of a later version",
        }
        await self._server.emit(
            "connection.ok", {"type": "connection.ok", "ts": TIME, "data": greeting}, to=sid
        )

    async def _command(self, name: str, sid: str, payload: Mapping[str, Any]) -> dict[str, Any] | None:
        self.commands.append((name, payload))
        answer = getattr(self, f"_on_{name.replace(':', '_')}", self._on_anything)(payload)
        if self.silent:
            self.silent -= 1
            self.drop()
        return answer if "ok" in answer else {"ok": True, "data": answer}

    def _on_anything(self, _payload: Mapping[str, Any]) -> dict[str, Any]:
        return {}

    def _on_room_join(self, payload: Mapping[str, Any]) -> dict[str, Any]:
        room = {
            "id": ROOM,
            "kind": "course",
            "title": "Algebra",
            "visibility": "open",
            "archived": False,
            "created_at": TIME,
        }
        typing = {"repeat_ms": 3000, "expire_ms": 6000, "suppressed": False}
        me = {"role": "member", "read_seq": 0, "unread": 0}
        missed = self._missed(payload.get("since"))
        return {"room": room, "me": me, "present": [], "typing": typing, **missed}

    def _on_sync_since(self, payload: Mapping[str, Any]) -> dict[str, Any]:
        return {
            "rooms": {room: self._missed(since) for room, since in payload["rooms"].items()},
            "refused": [],
        }

    def _on_message_history(self, payload: Mapping[str, Any]) -> dict[str, Any]:
        after = [event for event in self.log if event["seq"] > payload["after"]]
        items = [message(event["seq"]) for event in after[: payload["limit"]]]
        return {"items": items, "has_more": len(after) > payload["limit"]}

    def _on_message_send(self, payload: Mapping[str, Any]) -> dict[str, Any]:
        if self.errors:
            return {"ok": False, "error": self.errors.pop(0)}
        event = self._sent.get(payload["client_id"]) or self._append(payload["text"])
        self._sent[payload["client_id"]] = event
        return {"message": event["data"]["message"], "epoch": self.epoch, "seq": event["seq"]}

    def _append(self, text: str | None) -> dict[str, Any]:
        event = envelope(len(self.log) + 1, self.epoch, text)
        self.log.append(event)
        return event

    def _missed(self, since: Mapping[str, Any] | None) -> dict[str, Any]:
        place = {"epoch": self.epoch, "seq": len(self.log)}
        missed = [] if since is None else self.log[since["seq"] :]
        if since is None or since["epoch"] != self.epoch or len(missed) > self.replay:
            return {**place, "recovered": False, "events": [], "snapshot": {"messages": [], "has_more": True}}
        return {**place, "recovered": True, "events": missed}
