"""Revoking: written down first, then made known here, then to the other nodes."""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager

from sqlalchemy.ext.asyncio import AsyncConnection

from auth import store
from auth.identity import Identity
from auth.permissions import ServerAction, may
from auth.revocation import RevocationKind, Revocations, Revoked
from contract.clock import Clock
from contract.errors import Forbidden
from contract.ids import IdFactory

Connections = Callable[[], AbstractAsyncContextManager[AsyncConnection]]
Publish = Callable[[str], Awaitable[None]]
"""Tells the other nodes to `reload`; the key picks the channel. The notice says no more than that, so whoever can write
to Redis revokes nobody; and losing it is made good by the next `reload`."""


class RevocationService:
    """Keeps the node's `Revocations` in step with the database and the other nodes."""

    def __init__(
        self,
        revocations: Revocations,
        transaction: Connections,
        publish: Publish,
        clock: Clock,
        ids: IdFactory,
    ) -> None:
        """`transaction` opens a writing transaction that commits when the block ends well."""
        self._revocations = revocations
        self._transaction = transaction
        self._publish = publish
        self._clock = clock
        self._ids = ids
        self._listeners: list[Callable[[], None]] = []

    def on_change(self, listener: Callable[[], None]) -> None:
        """`listener` is called after each change here: look through the live connections and cut the revoked ones."""
        self._listeners.append(listener)

    async def revoke(self, by: Identity, kind: RevocationKind, value: str) -> Revoked:
        """One token, or all tokens of a user until now. Raises Forbidden for anybody but an admin."""
        if not may(by.role, ServerAction.AUTH_REVOKE):
            raise Forbidden
        revoked = Revoked(kind, value, self._clock.now(), by.user_id)
        async with self._transaction() as connection:
            await store.add(connection, self._ids.new("rev"), revoked)
        self._take([revoked])
        await self._publish(value)
        return revoked

    async def reload(self, connection: AsyncConnection) -> None:
        """At start, when another node says so, after the bus was away, and now and then."""
        self._take(await store.in_force(connection, self._clock.now()))

    def _take(self, news: Sequence[Revoked]) -> None:
        self._revocations.reload(news, self._clock.now())
        for listener in self._listeners:
            listener()
