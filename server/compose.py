"""The one place where everything is built: in order, and closed in reverse."""

import logging
import random
from pathlib import Path

from aiohttp import web

from auth.routes import auth_routes, development_routes
from contract.connection import ConnectionFailed
from contract.rest import OPERATIONS
from db import migrate
from realtime.chat.routes import chat_routes
from realtime.engine.address import client_address
from realtime.gateway import AdmittingSignIn
from realtime.rest import RestDoor
from realtime.rooms.routes import room_routes
from realtime.sync.routes import sync_routes
from server import maintenance
from server.app import build_app, build_runner
from server.calendar_parts import build_calendars
from server.classroom import Classroom, build_classroom
from server.development import DevelopmentDoor
from server.door_parts import Entry, build_door
from server.foundation import Foundation, Trust, build_foundation, build_trust
from server.headers import SecurityHeaders
from server.health import Check, Health, bus_check, lag_check, migrations_check
from server.lifecycle import CannotStart, Running, Step, StopSignal, stop
from server.logs import ACCESS_LOGGER, configure_logs
from server.loop_lag import LoopLag
from server.metrics_page import MetricsPage
from server.problems import problem_middleware
from server.safety import refuse_unsafe, warnings
from server.schedule_parts import build_schedule, public_address
from server.settings import Settings
from server.static import StaticClient
from signaling.routes import call_routes

log = logging.getLogger(__name__)

DIST = Path(__file__).parent.parent / "static_client" / "dist"
STOP_SECONDS = 28.0
"""From the signal to the exit, at most: orchestrators kill after 30 s."""

_RECONNECT_SPREAD = 3000
"""Milliseconds over which clients of a stopping node are asked to come back."""


class Server:
    """One node. `start` returns once it listens; `stop` returns once everything is closed."""

    def __init__(self, settings: Settings) -> None:
        refuse_unsafe(settings)
        self._settings = settings
        self._base: Foundation = build_foundation(settings)
        self._trust: Trust = build_trust(self._base)
        self._room: Classroom = build_classroom(self._base, self._trust)
        self._schedule = build_schedule(self._base, self._room, works=settings.worker)
        self._lag = LoopLag(self._base.clock, self._base.metrics.loop_late)
        self._health = Health(self._checks(), self._base.clock)
        self._development = (
            DevelopmentDoor(self._trust.issuer, self._base.clock)
            if settings.dev and self._trust.issuer is not None
            else None
        )
        self._headers = SecurityHeaders(settings.frame_ancestors, settings.trusted_proxies)
        self._client = StaticClient(DIST, self._headers)
        self._sign_in = AdmittingSignIn(self._trust.sign_in, self._room.services.rooms, self._base.clock)
        entry = Entry(self._sign_in, self._address_of, self._client.page)
        self._door = build_door(self._base, self._trust, self._room, self._schedule, entry)
        self._calendars = build_calendars(
            self._base, self._trust, self._room, public_address(settings), self._address_of
        )
        self._runner = build_runner(self._app(), logging.getLogger(ACCESS_LOGGER))
        self.port = settings.port

    async def start(self) -> None:
        """Raises CannotStart when the database is not ready, or the port is taken."""
        await self._prepare_database()
        await self._room.log.epochs.open()
        async with self._base.database.reading() as connection:
            await self._trust.revocation.reload(connection)
        await self._base.bus.start()
        for part in self._running():
            await part.start()
        await self._listen()

    async def stop(self, hurry: "StopSignal | None" = None) -> None:
        """Drains and closes, in the reverse order of `start`."""
        room, base = self._room, self._base
        self._health.start_draining()
        steps = [
            Step("clients", self._drain_clients, self._settings.drain_seconds + 1),
            Step("web", self._runner.cleanup),
            *(Step(part.name, part.close, 5) for part in reversed(self._running())),
            Step("call hub", room.calls.hub.close),
            Step("personal", room.live.personal.close),
            Step("delivery", room.log.delivery.close),
            Step("bus", base.bus.close),
            Step("keys", self._close_keys),
            Step("position", room.log.epochs.close),
            Step("database", base.database.close),
        ]
        waiting = hurry.wait_for_hurry() if hurry is not None else None
        await stop(steps, seconds=STOP_SECONDS, clock=base.clock, hurry=waiting)

    def banner(self) -> str:
        """What to print once the server listens."""
        url = f"http://{'localhost' if self._settings.dev else self._settings.host}:{self.port}"
        return (
            self._development.banner(url) if self._development is not None else f"Homeroom listens on {url}"
        )

    def _running(self) -> list[Running]:
        """What runs in the background, in the order of starting."""
        live, parts = self._room.live, self._room.log
        return [
            Running("loop lag", self._lag.start, self._lag.close),
            Running("relay", parts.relay.start, parts.relay.close),
            Running("writer", parts.writer.start, parts.writer.close),
            Running("presence", live.presence.start, live.presence.close),
            Running("typing", live.typing.open, live.typing.close),
            Running("upkeep", live.upkeep.start, live.upkeep.close),
            Running("calls", self._room.calls.upkeep.start, self._room.calls.upkeep.close),
            *self._schedule.running,
        ]

    async def _prepare_database(self) -> None:
        maintenance.with_folder(self._settings)
        if self._settings.dev:
            await maintenance.upgrade(self._settings)
        elif await maintenance.is_behind(self._settings):
            raise CannotStart("The database is not up to date: run `homeroom migrate` first.")

    async def _listen(self) -> None:
        await self._runner.setup()
        site = web.TCPSite(self._runner, self._settings.host, self._settings.port)
        try:
            await site.start()
        except OSError as error:
            raise CannotStart(
                f"Port {self._settings.port} of {self._settings.host} cannot be used ({error.strerror}): "
                "stop what listens there, or set HOMEROOM_PORT."
            ) from None
        self.port = self._runner.addresses[0][1]

    async def _drain_clients(self) -> None:
        """Clients are told to come back, each at another moment; what they asked before is answered."""
        for session in self._room.live.sessions:
            told = ConnectionFailed(
                code="server_draining",
                message="This server restarts; you are connected again in a moment.",
                reconnect=True,
                retry_after_ms=random.randrange(_RECONNECT_SPREAD),  # spreads load, hides nothing
            )
            self._room.live.sessions.tell(session, "connection.error", told)
        await self._base.engine.drain(self._settings.drain_seconds)

    async def _close_keys(self) -> None:
        if self._trust.keys is not None:
            await self._trust.keys.close()

    def _checks(self) -> dict[str, Check]:
        return {
            "database": self._database_check,
            "migrations": migrations_check(lambda: migrate.pending(self._base.database.reader)),
            "bus": bus_check(self._base.bus),
            "event_loop": lag_check(self._lag),
        }

    async def _database_check(self) -> str | None:
        """A write that goes to disk, through the same lane as everybody's."""
        await self._room.log.writer.submit(maintenance.Probe())
        return None

    def _app(self) -> web.Application:
        settings, headers = self._settings, self._headers
        token = settings.metrics_token.get_secret_value() if settings.metrics_token is not None else None
        return build_app(
            headers=headers,
            middlewares=[problem_middleware(lambda: self._base.ids.new("req"))],
            mounts=[
                self._base.engine,
                self._health,
                MetricsPage(self._base.metrics.registry, token),
                self._rest_door(),
                *self._schedule.mounts,
                self._door.link,
                self._calendars.feeds,
                self._client,
            ],
        )

    def _rest_door(self) -> RestDoor:
        services = self._room.services
        handlers = {
            **auth_routes(self._trust.revocation, development=self._development is not None),
            **room_routes(services.rooms),
            **chat_routes(services.chat),
            **sync_routes(services.sync),
            **call_routes(self._room.calls.history),
            **self._schedule.handlers,
            **self._door.handlers,
            **self._calendars.handlers,
        }
        if self._development is not None:
            handlers |= development_routes(self._development.sign_in)
        return RestDoor(
            handlers,
            self._sign_in,
            services.limiter,
            self._address_of,
            development=self._development is not None,
            operations={name: spec for name, spec in OPERATIONS.items() if name in handlers},
        )

    def _address_of(self, request: web.Request) -> str:
        peer = request.transport.get_extra_info("peername") if request.transport is not None else None
        return client_address(
            str(peer[0]) if isinstance(peer, tuple) else None,
            request.headers.getall("X-Forwarded-For", []),
            tuple(self._settings.trusted_proxies),
        )


async def serve(settings: Settings) -> None:
    """Runs a node until it is told to stop. Raises CannotStart."""
    configure_logs(settings.log_level, settings.log_style)
    for warning in warnings(settings):
        log.warning(warning)
    signals = StopSignal()
    signals.install()
    server = Server(settings)
    try:
        await server.start()
        print(server.banner(), flush=True)  # noqa: T201  # for the person at the terminal, whatever the log format
        await signals.wait()
    finally:
        await server.stop(signals)
        signals.remove()
