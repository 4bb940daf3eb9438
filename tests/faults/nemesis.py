"""What breaks things: each fault is inflicted, held and healed by one method; the order comes from a printed seed."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence

from tests.faults.cluster import Cluster
from tests.faults.member import Member

PAUSE_SECONDS = 4.0
REDIS_AWAY_SECONDS = 8.0
POSTGRES_AWAY_SECONDS = 2.0
"""How long a fault lasts is part of the fault."""

_TOGETHER = 0.4
"""How often two faults come at once in a soak."""

Act = Callable[[], Awaitable[None]]


class Nemesis:
    """Breaks a cluster and the connections of its members; every method leaves everything running again."""

    def __init__(self, cluster: Cluster, members: Sequence[Member], dice: random.Random) -> None:
        self._cluster = cluster
        self._members = members
        self._dice = dice

    def acts(self) -> list[Act]:
        """One of each that fits the cluster."""
        return [*self._on_nodes(), *self._on_services(), self.drop_clients]

    def choose(self) -> list[Act]:
        """One fault, or sometimes two of different kinds at once."""
        if self._dice.random() >= _TOGETHER:
            return [self._dice.choice(self.acts())]
        kinds: list[list[Act]] = [self._on_nodes(), [self.drop_clients]]
        if self._on_services():
            kinds.append(self._on_services())
        return [self._dice.choice(kind) for kind in self._dice.sample(kinds, 2)]

    def _on_nodes(self) -> list[Act]:
        return [self.kill_a_node, self.kill_all_nodes, self.pause_a_node, self.roll]

    def _on_services(self) -> list[Act]:
        acts: list[Act] = []
        if self._cluster.redis is not None:
            acts += [self.stop_redis, self.forget_redis, self.cut_subscriptions, self.pause_redis]
        if self._cluster.postgres is not None:
            acts += [self.crash_postgres, self.cut_backends]
        return acts

    async def kill_a_node(self) -> None:
        """SIGKILL, and start again."""
        node = self._dice.choice(self._cluster.nodes)
        await node.kill()
        await self._cluster.start(node)

    async def kill_all_nodes(self) -> None:
        """SIGKILL to every node at once: the class is alone for a moment."""
        await asyncio.gather(*(node.kill() for node in self._cluster.nodes))
        await asyncio.gather(*(self._cluster.start(node) for node in self._cluster.nodes))

    async def pause_a_node(self) -> None:
        """SIGSTOP and SIGCONT: a node that was away without noticing."""
        node = self._dice.choice(self._cluster.nodes)
        node.pause()
        await asyncio.sleep(PAUSE_SECONDS)
        node.resume()

    async def roll(self) -> None:
        """SIGTERM and start again, node by node: a deployment."""
        for node in self._cluster.nodes:
            await node.terminate()
            await self._cluster.start(node)

    async def drop_clients(self) -> None:
        """Half of the members lose their connections at once."""
        for member in self._dice.sample(self._members, max(1, len(self._members) // 2)):
            await member.drop()

    async def stop_redis(self) -> None:
        redis = self._cluster.redis
        assert redis is not None
        await redis.stop()
        await asyncio.sleep(REDIS_AWAY_SECONDS)
        await redis.start()

    async def pause_redis(self) -> None:
        """Connections stay open and nothing answers."""
        redis = self._cluster.redis
        assert redis is not None
        redis.pause()
        await asyncio.sleep(PAUSE_SECONDS)
        redis.resume()

    async def forget_redis(self) -> None:
        redis = self._cluster.redis
        assert redis is not None
        await redis.cli("FLUSHALL")

    async def cut_subscriptions(self) -> None:
        redis = self._cluster.redis
        assert redis is not None
        await redis.cli("CLIENT", "KILL", "TYPE", "pubsub")

    async def crash_postgres(self) -> None:
        """Immediate shutdown: every transaction under way is gone, and the log has to be recovered from."""
        postgres = self._cluster.postgres
        assert postgres is not None
        await postgres.stop("immediate")
        await asyncio.sleep(POSTGRES_AWAY_SECONDS)
        await postgres.start()

    async def cut_backends(self) -> None:
        """Every connection to the database is cut at once; the database itself stays."""
        postgres = self._cluster.postgres
        assert postgres is not None
        await postgres.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname LIKE 'homeroom_%' AND pid <> pg_backend_pid()"
        )
