"""The epoch: a name for one history of the database. After a restore the same seq may mean another event, so the
epoch must change then, or clients would believe themselves up to date.

A restore is recognised by the database's fingerprint (`db.engine.fingerprint`), or at start, when it lacks the last event
that this data directory saw committed. `homeroom new-epoch` changes it by hand.
"""

import asyncio
import secrets
from pathlib import Path

from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError

from contract.events import LogEvent
from contract.ids import IdFactory
from db.engine import Database, fingerprint
from realtime.log import store
from realtime.log.mark import Mark, MarkFile
from realtime.log.tables import Installation

_ROW = 1


class EpochKeeper:
    """Knows the present epoch, and notices when the database is no longer the one it was."""

    def __init__(self, database: Database, data_directory: Path, ids: IdFactory) -> None:
        self._database = database
        self._mark = MarkFile(data_directory)
        self._ids = ids
        self._epoch = ""
        self._bus_key = b""

    @property
    def epoch(self) -> str:
        return self._epoch

    @property
    def bus_key(self) -> bytes:
        """Known to the nodes of this database alone."""
        return self._bus_key

    async def open(self) -> str:
        """Reads the epoch, changing it first if the database was restored. Returns it."""
        print_now = await fingerprint(self._database)
        stored = await self._stored()
        if stored is None:
            await self._create(print_now)
        elif stored[1] != print_now or await self._lacks_marked(stored[0]):
            await self._change(stored[0], print_now)
        stored = await self._stored()
        if stored is None:
            raise RuntimeError("the database has no installation row; run the migrations")
        async with self._database.reading() as connection:
            key = (await connection.execute(select(Installation.bus_key))).scalar_one()
        self._bus_key = bytes.fromhex(key)
        self._take(stored[0])
        return self._epoch

    async def changed(self) -> bool:
        """Whether it is another epoch by now: another node began one, or the database was restored just now."""
        print_now = await fingerprint(self._database)
        stored = await self._stored()
        if stored is not None and stored[1] != print_now:
            await self._database.reopen()  # connections may still hold what was there before
            stored = await self._stored()
            if stored is not None and stored[1] != print_now:
                await self._change(stored[0], print_now)
                stored = await self._stored()
        if stored is None or stored[0] == self._epoch:
            return False
        self._take(stored[0])
        return True

    async def renew(self) -> str:
        """Starts a new epoch, unless another node has just done so. Every client will ask for fresh snapshots."""
        if not await self.changed():
            await self._change(self._epoch, await fingerprint(self._database))
            await self.changed()
        return self._epoch

    def committed(self, event: LogEvent) -> None:
        """The newest event that this node wrote: a database without it is an older one."""
        if event.epoch == self._epoch:
            self._mark.write(Mark(event.epoch, event.room_id, event.seq))

    async def close(self) -> None:
        self._mark.close()

    def _take(self, epoch: str) -> None:
        self._epoch = epoch
        seen = self._mark.read()
        if seen is None or seen.epoch != epoch:
            self._mark.write(Mark(epoch, "", 0))

    async def _lacks_marked(self, stored_epoch: str) -> bool:
        """Whether the last event that was seen here is missing. On SQLite nobody but this node changes the epoch, so
        another one than was seen also means another database; on PostgreSQL another node may have noticed before.
        """
        seen = await asyncio.to_thread(self._mark.read)
        if seen is None:
            return False
        if seen.epoch != stored_epoch:
            return self._database.is_sqlite
        async with self._database.reading() as connection:
            return (await store.head(connection, seen.room_id) or 0) < seen.seq

    async def _stored(self) -> tuple[str, str] | None:
        async with self._database.reading() as connection:
            row = (
                await connection.execute(
                    select(Installation.epoch, Installation.fingerprint).where(Installation.id == _ROW)
                )
            ).one_or_none()
        return None if row is None else (row.epoch, row.fingerprint)

    async def _create(self, print_now: str) -> None:
        try:
            async with self._database.writing() as connection:
                await connection.execute(
                    insert(Installation).values(
                        id=_ROW,
                        epoch=self._ids.new("ep"),
                        fingerprint=print_now,
                        bus_key=secrets.token_hex(32),
                    )
                )
        except IntegrityError:
            return  # another node was first

    async def _change(self, old: str, print_now: str) -> None:
        """Only the first of several nodes that notice the same restore changes it."""
        async with self._database.writing() as connection:
            await connection.execute(
                update(Installation)
                .where(Installation.id == _ROW, Installation.epoch == old)
                .values(epoch=self._ids.new("ep"), fingerprint=print_now)
            )
