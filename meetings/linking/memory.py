"""What providers keep over restarts and share among nodes: the port `ProviderMemory`, in the database."""

from datetime import datetime

from sqlalchemy import delete, select, update

from contract.clock import Clock
from db.engine import Database
from meetings.tables import ProviderMemoryRow as Row
from realtime.log.transaction import Transaction
from realtime.log.writer import Intention, Writer


class Memory:
    """Of one provider."""

    def __init__(self, provider: str, database: Database, writer: Writer, clock: Clock) -> None:
        self._provider = provider
        self._database = database
        self._writer = writer
        self._clock = clock

    async def get(self, key: str) -> str | None:
        async with self._database.reading() as connection:
            found = await connection.execute(
                select(Row.value).where(
                    Row.provider == self._provider, Row.key == key, Row.expires_at > self._clock.now()
                )
            )
            return found.scalar_one_or_none()

    async def put(self, key: str, value: str, expires_at: datetime) -> None:
        await self._writer.submit(_Put(self._provider, key, value, expires_at))

    async def add(self, key: str, amount: int, expires_at: datetime) -> int:
        return await self._writer.submit(_Add(self._provider, key, amount, expires_at))


class PassingMemory:
    """One that ends with the process, for commands that need no database."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._kept: dict[str, tuple[str, datetime]] = {}

    async def get(self, key: str) -> str | None:
        value, expires_at = self._kept.get(key, ("", self._clock.now()))
        return value if expires_at > self._clock.now() else None

    async def put(self, key: str, value: str, expires_at: datetime) -> None:
        self._kept[key] = (value, expires_at)

    async def add(self, key: str, amount: int, expires_at: datetime) -> int:
        total = int(await self.get(key) or 0) + amount
        self._kept[key] = (str(total), expires_at)
        return total


class Forget(Intention[None]):
    """Deletes what has expired."""

    room_id = ""

    async def apply(self, transaction: Transaction) -> None:
        await transaction.execute(delete(Row).where(Row.expires_at <= transaction.now))


class _Put(Intention[None]):
    room_id = ""

    def __init__(self, provider: str, key: str, value: str, expires_at: datetime) -> None:
        self.waits_for = f"memory:{provider}:{key}"
        self._provider = provider
        self._key = key
        self._value = value
        self._expires_at = expires_at

    async def apply(self, transaction: Transaction) -> None:
        changed = await transaction.execute(
            update(Row)
            .where(Row.provider == self._provider, Row.key == self._key)
            .values(value=self._value, expires_at=self._expires_at)
        )
        if not changed.rowcount:
            row = {"provider": self._provider, "key": self._key, "value": self._value}
            transaction.add(Row, {**row, "expires_at": self._expires_at})


class _Add(Intention[int]):
    room_id = ""

    def __init__(self, provider: str, key: str, amount: int, expires_at: datetime) -> None:
        self.waits_for = f"memory:{provider}:{key}"
        self._provider = provider
        self._key = key
        self._amount = amount
        self._expires_at = expires_at

    async def apply(self, transaction: Transaction) -> int:
        """The row is locked while it is counted on: two nodes add one after the other."""
        these = (Row.provider == self._provider, Row.key == self._key)
        found = await transaction.read(select(Row.value, Row.expires_at).where(*these).with_for_update())
        row = found.one_or_none()
        if row is None:
            kept = {"provider": self._provider, "key": self._key, "value": str(self._amount)}
            transaction.add(Row, {**kept, "expires_at": self._expires_at})
            return self._amount
        total = self._amount + (int(row.value) if row.expires_at > transaction.now else 0)
        await transaction.execute(
            update(Row).where(*these).values(value=str(total), expires_at=self._expires_at)
        )
        return total
