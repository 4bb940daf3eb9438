"""The epoch: a name for one history of the database. After a restore the same seq may mean another event, so the
epoch must change then, or clients would believe themselves up to date.

A restore is recognised at start: the database's fingerprint differs (`db.engine.fingerprint`), or it holds fewer events
than this data directory has already seen. `homeroom new-epoch` changes it by hand.
"""

import asyncio
import json
import secrets
from pathlib import Path

from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError

from contract.ids import IdFactory
from db.engine import Database, fingerprint
from realtime.log import store
from realtime.log.tables import Installation

_MARK = "log-position.json"
_ROW = 1


class EpochKeeper:
    """Knows the present epoch, and notices when the database is no longer the one it was."""

    def __init__(self, database: Database, data_directory: Path, ids: IdFactory) -> None:
        self._database = database
        self._mark = data_directory / _MARK
        self._ids = ids
        self._epoch = ""
        self._marked = -1
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
        elif stored[1] != print_now or await self._lost_events():
            await self._change(stored[0], print_now)
        stored = await self._stored()
        if stored is None:
            raise RuntimeError("the database has no installation row; run the migrations")
        self._epoch = stored[0]
        async with self._database.reading() as connection:
            key = (await connection.execute(select(Installation.bus_key))).scalar_one()
        self._bus_key = bytes.fromhex(key)
        await self.mark()
        return self._epoch

    async def changed(self) -> bool:
        """Whether the stored epoch is another one by now; if so, takes it over."""
        stored = await self._stored()
        if stored is None or stored[0] == self._epoch:
            return False
        self._epoch = stored[0]
        return True

    async def renew(self) -> str:
        """Starts a new epoch. Every client will ask for fresh snapshots."""
        stored = await self._stored()
        if stored is None:
            return await self.open()
        await self._change(stored[0], await fingerprint(self._database))
        await self.changed()
        return self._epoch

    async def mark(self) -> None:
        """Writes down how many events there are, so that a database with fewer is known to be an older one."""
        if not self._database.is_sqlite:
            return
        async with self._database.reading() as connection:
            position = await store.total(connection)
        if position != self._marked:
            await asyncio.to_thread(self._write_mark, position)
            self._marked = position

    def _write_mark(self, position: int) -> None:
        self._mark.parent.mkdir(parents=True, exist_ok=True)
        beside = self._mark.with_suffix(".new")
        beside.write_text(json.dumps({"events": position}))
        beside.replace(self._mark)

    async def _lost_events(self) -> bool:
        if not self._database.is_sqlite or not await asyncio.to_thread(self._mark.exists):
            return False
        async with self._database.reading() as connection:
            position = await store.total(connection)
        try:
            seen = int(json.loads(await asyncio.to_thread(self._mark.read_text))["events"])
        except (ValueError, KeyError, TypeError):
            return False
        return position < seen

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
