"""What everything else stands on: time, ids, counters, the database, the bus, and whom to believe."""

from dataclasses import dataclass

from auth.claims import ClaimRules
from auth.jwks import JwksCache, fetch_from
from auth.keys import SharedSecret
from auth.revocation import Revocations
from auth.service import RevocationService
from auth.sign_in import SignIn
from auth.tokens import TokenIssuer, TokenVerifier
from contract.clock import Clock, SystemClock
from contract.ids import IdFactory
from db.engine import Database, open_database
from realtime.bus.memory import MemoryBus
from realtime.bus.port import Bus
from realtime.bus.redis import RedisBus, RedisBusSettings
from realtime.engine import Engine, EngineSettings
from server.metrics import Metrics
from server.settings import Settings
from server.shared_secret import shared_secret


@dataclass(frozen=True)
class Foundation:
    """Built first, closed last."""

    settings: Settings
    clock: Clock
    ids: IdFactory
    metrics: Metrics
    database: Database
    bus: Bus
    engine: Engine


@dataclass(frozen=True)
class Trust:
    """Whose tokens count, and which were taken back."""

    sign_in: SignIn
    revocations: Revocations
    revocation: RevocationService
    issuer: TokenIssuer | None
    keys: JwksCache | None


def build_foundation(settings: Settings) -> Foundation:
    clock = SystemClock()
    ids = IdFactory(clock)
    metrics = Metrics()
    bus = _bus(settings, settings.node_id or ids.new("node"), clock)
    metrics.watch_bus(bus)
    engine = Engine(engine_settings(settings), clock, metrics)
    metrics.watch_queues(lambda: engine.waiting_bytes)
    return Foundation(settings, clock, ids, metrics, open_database(settings.database), bus, engine)


def engine_settings(settings: Settings) -> EngineSettings:
    return EngineSettings(
        ping_interval=settings.ping_interval_seconds,
        ping_timeout=settings.ping_timeout_seconds,
        max_waiting_bytes=settings.slow_client_bytes,
        max_sessions=settings.max_connections,
        max_sessions_per_address=settings.connections_per_address if settings.limits else None,
        max_handshakes_per_second=settings.handshakes_per_second if settings.limits else None,
        allowed_origins=frozenset(settings.allowed_origins),
        same_origin=True,
        trusted_proxies=tuple(settings.trusted_proxies),
    )


def build_trust(base: Foundation) -> Trust:
    settings, clock = base.settings, base.clock
    secret = shared_secret(settings)
    keys = None
    if settings.jwt_jwks_url is not None:
        keys = JwksCache(fetch_from(settings.jwt_jwks_url, development=settings.dev), clock)
    rules = ClaimRules(settings.jwt_issuer, settings.jwt_audience, settings.jwt_leeway_seconds)
    verifier = TokenVerifier(
        rules, clock, secret=SharedSecret(secret) if secret is not None else None, key_set=keys
    )
    revocations = Revocations()
    revocation = RevocationService(
        revocations,
        base.database.writing,
        lambda key: base.bus.publish("revoked", key, {}),
        clock,
        base.ids,
    )
    issuer = None
    if secret is not None:
        issuer = TokenIssuer(secret, settings.jwt_issuer, settings.jwt_audience, clock)
    return Trust(SignIn(verifier, revocations, clock), revocations, revocation, issuer, keys)


def _bus(settings: Settings, node_id: str, clock: Clock) -> Bus:
    if settings.redis is None:
        return MemoryBus(node_id)
    return RedisBus(node_id, RedisBusSettings(url=settings.redis, prefix=settings.redis_prefix), clock)
