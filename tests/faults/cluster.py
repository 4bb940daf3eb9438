"""A deployment under test: one node on SQLite, or several on Redis and PostgreSQL."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.services.homeroom import HomeroomServer
from tests.services.postgres import PostgresServer
from tests.services.process import DidNotStart
from tests.services.redis import RedisServer

_STARTS = 30
_ENVIRONMENT = {"HOMEROOM_LIMITS": "off"}


@dataclass
class Cluster:
    """What a nemesis may break."""

    nodes: list[HomeroomServer]
    redis: RedisServer | None = None
    postgres: PostgresServer | None = None

    @property
    def urls(self) -> list[str]:
        return [node.url for node in self.nodes]

    def token(self, user: str, rooms: list[str]) -> str:
        """A member's token; membership of all rooms comes with it."""
        return self.nodes[0].token(user, rooms=dict.fromkeys(rooms, "member"), seconds=24 * 3600)

    async def start(self, node: HomeroomServer) -> None:
        """As a supervisor would: a node that cannot start because something else is down is started again."""
        for _ in range(_STARTS):
            try:
                await node.start()
            except DidNotStart:
                await asyncio.sleep(1)
            else:
                return
        await node.start()

    async def heal(self) -> None:
        """Bring back whatever is down."""
        if self.postgres is not None and not self.postgres.running:
            await self.postgres.start()
        if self.redis is not None and self.redis.running:
            self.redis.resume()
        elif self.redis is not None:
            await self.redis.start()
        for node in self.nodes:
            if node.running:
                node.resume()
            else:
                await self.start(node)


@asynccontextmanager
async def single(folder: Path) -> AsyncIterator[Cluster]:
    """One node on SQLite, no other service."""
    async with HomeroomServer(folder / "node-1", environment=_ENVIRONMENT) as node:
        yield Cluster([node])


@asynccontextmanager
async def several(folder: Path, count: int) -> AsyncIterator[Cluster]:
    """`count` nodes that share one Redis and one PostgreSQL, all of this run's own."""
    folder.mkdir(parents=True, exist_ok=True)
    async with AsyncExitStack() as stack:
        redis = await stack.enter_async_context(RedisServer(folder))
        postgres = await stack.enter_async_context(PostgresServer())
        database_url = await postgres.create_database()
        nodes = []
        for number in range(1, count + 1):
            node = HomeroomServer(
                folder / f"node-{number}",
                database_url=database_url,
                redis_url=redis.url,
                environment=_ENVIRONMENT,
            )
            nodes.append(await stack.enter_async_context(node))
        yield Cluster(nodes, redis, postgres)
