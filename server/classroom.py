"""The real-time part, put together: log, rooms, chat, presence, sessions, and the socket's door to them."""

import sys
from collections.abc import Callable
from dataclasses import dataclass

from realtime.chat import store as chat_store
from realtime.chat.namespace import ChatNamespace
from realtime.chat.service import ChatService
from realtime.dispatch import Dispatcher
from realtime.ephemeral import Ephemeral
from realtime.gateway import Admission, Gateway, Refresher
from realtime.limits import Limiter
from realtime.log.delivery import Delivery
from realtime.log.epoch import EpochKeeper
from realtime.log.relay import Relay
from realtime.log.resume import Resume
from realtime.log.writer import Writer
from realtime.personal import Personal
from realtime.presence.service import Presence
from realtime.presence.typing import Typing
from realtime.rooms.namespace import RoomNamespace
from realtime.rooms.service import RoomService
from realtime.sessions import Session, Sessions
from realtime.sync.namespace import RoomListening
from realtime.sync.service import SyncService
from realtime.upkeep import Parts, Upkeep
from server.foundation import Foundation, Trust
from signaling.history import CallHistory
from signaling.hub import CallHub
from signaling.namespace import CallNamespace
from signaling.rules import House
from signaling.service import CallService, CallSettings
from signaling.upkeep import CallUpkeep


@dataclass(frozen=True)
class LogParts:
    """The log, from the write to the sockets of this node."""

    epochs: EpochKeeper
    writer: Writer
    delivery: Delivery
    relay: Relay


@dataclass(frozen=True)
class Services:
    """What the doors call."""

    rooms: RoomService
    chat: ChatService
    sync: SyncService
    limiter: Limiter


@dataclass(frozen=True)
class Live:
    """What follows connected people."""

    sessions: Sessions
    personal: Personal
    presence: Presence
    typing: Typing
    upkeep: Upkeep


@dataclass(frozen=True)
class Calls:
    """People who see and hear each other."""

    hub: CallHub
    service: CallService
    history: CallHistory
    upkeep: CallUpkeep


@dataclass(frozen=True)
class Classroom:
    log: LogParts
    services: Services
    live: Live
    calls: Calls


def build_classroom(base: Foundation, trust: Trust) -> Classroom:
    log = _build_log(base)
    services = _build_services(base, log)
    live = _build_live(base, trust, log)
    calls = build_calls(base, trust, log, live)
    _introduce(base, trust, log, services, live, calls=calls)
    return Classroom(log, services, live, calls)


def build_calls(base: Foundation, trust: Trust, log: LogParts, live: Live) -> Calls:
    """Calls stand on the log and on sessions."""
    settings = base.settings
    house = House(settings.call_max_peers, takeover=settings.call_second_device == "takeover")
    hub = CallHub(base.database, base.bus, live.sessions)
    service = CallService(
        base.database,
        log.writer,
        hub,
        CallSettings(house, settings.ice, settings.call_grace_seconds),
        node_id=base.bus.node_id,
        clock=base.clock,
        ids=base.ids,
    )
    upkeep = CallUpkeep(
        base.database,
        log.writer,
        hub,
        base.clock,
        node_id=base.bus.node_id,
        grace_seconds=settings.call_grace_seconds,
        is_revoked=trust.revocations.is_revoked,
    )
    return Calls(hub, service, CallHistory(base.database, base.clock), upkeep)


def _build_log(base: Foundation) -> LogParts:
    epochs = EpochKeeper(base.database, base.settings.data_dir, base.ids)
    writer = Writer(base.database, base.clock, base.ids, lambda: epochs.epoch, base.metrics)
    delivery = Delivery(base.database, epochs, base.engine.encode, base.metrics)
    relay = Relay(base.bus, delivery, epochs)
    writer.publish_to(relay)
    return LogParts(epochs, writer, delivery, relay)


def _build_services(base: Foundation, log: LogParts) -> Services:
    rooms = RoomService(base.database, log.writer, log.epochs, base.ids, chat_store.overview)
    chat = ChatService(base.database, log.writer, log.epochs, base.metrics)
    resume = Resume(log.epochs, chat.snapshot, base.settings.resume_events)
    sync = SyncService(base.database, resume, log.delivery, rooms, base.metrics)
    return Services(rooms, chat, sync, Limiter(base.clock, base.metrics, enabled=base.settings.limits))


def _build_live(base: Foundation, trust: Trust, log: LogParts) -> Live:
    presence = Presence(base.bus, base.clock)
    typing = Typing(base.bus, base.clock, presence.count)
    sessions = Sessions(base.clock, trust.revocations, base.engine.encode, base.settings.token_grace_seconds)
    personal = Personal(base.bus, sessions, log.delivery, typing.rules.crowd)
    parts = Parts(base.database, log.delivery, log.epochs, trust.revocation, sessions, personal)
    return Live(sessions, personal, presence, typing, Upkeep(parts))


def _leaving_room(listening: RoomListening, calls: Calls) -> Callable[[Session, str], None]:
    """What a connection loses with its owner's place in a room."""

    def stop(session: Session, room_id: str) -> None:
        listening.stop_listening(session, room_id)
        calls.upkeep.left_room(session, room_id)

    return stop


def _introduce(
    base: Foundation, trust: Trust, log: LogParts, services: Services, live: Live, *, calls: Calls
) -> None:
    """Tells the parts of each other, where one is built before the other."""
    listening = RoomListening(services.sync, log.delivery, live.presence, live.typing)
    live.personal.connect(services.rooms.summary_for, _leaving_room(listening, calls))
    services.rooms.tell_through(live.personal)
    services.chat.tell_through(live.personal)
    ephemeral = Ephemeral(live.sessions, log.delivery, live.personal)
    live.presence.on_change(ephemeral.presence_changed)
    live.typing.on_change(ephemeral.typing_changed)
    log.delivery.watch(ephemeral.delivered)
    log.delivery.watch(
        lambda event: base.metrics.delivery_lag(max(0.0, (base.clock.now() - event.ts).total_seconds()))
    )
    live.sessions.on_gone(calls.upkeep.connection_gone)
    trust.revocation.on_change(live.sessions.cut_revoked)
    base.bus.subscribe("revoked", lambda notice: live.upkeep.revoked_elsewhere())
    base.bus.on_restored(live.upkeep.bus_restored)
    handlers = {
        "auth:refresh": Refresher(trust.sign_in, live.sessions, services.rooms).refresh,
        **RoomNamespace(services.rooms).handlers(),
        **ChatNamespace(services.chat).handlers(),
        **listening.handlers(),
        **CallNamespace(calls.service).handlers(),
    }
    dispatcher = Dispatcher(
        handlers, services.limiter, trust.sign_in, clock=base.clock, ids=base.ids, observer=base.metrics
    )
    admission = _admission(base, trust, services, live.sessions)
    message_bytes = base.engine.settings.max_message_bytes
    base.engine.bind(
        Gateway(
            admission,
            live.sessions,
            listening,
            dispatcher,
            clock=base.clock,
            ids=base.ids,
            max_message_bytes=message_bytes,
        )
    )


def _admission(base: Foundation, trust: Trust, services: Services, sessions: Sessions) -> Admission:
    most = base.settings.connections_per_user if base.settings.limits else sys.maxsize
    return Admission(
        trust.sign_in,
        services.rooms,
        services.limiter,
        base.metrics,
        is_full=lambda user_id: len(sessions.of(user_id)) >= most,
    )
