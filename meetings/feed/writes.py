"""What is written about feeds."""

from sqlalchemy import delete, select, update

from meetings.tables import FeedRow
from realtime.log.transaction import Transaction
from realtime.log.writer import Intention


class MakeFeed(Intention[None]):
    """Somebody's feed from now on; the one before ends."""

    room_id = ""

    def __init__(self, user_id: str, secret_hash: str) -> None:
        self.waits_for = user_id
        self._user_id = user_id
        self._secret_hash = secret_hash

    async def apply(self, transaction: Transaction) -> None:
        mine = FeedRow.user_id == self._user_id
        values = {"secret_hash": self._secret_hash, "created_at": transaction.now}
        if (await transaction.read(select(FeedRow.user_id).where(mine))).one_or_none() is None:
            transaction.add(FeedRow, {"user_id": self._user_id, **values})
        else:
            await transaction.execute(update(FeedRow).where(mine).values(**values))


class EndFeed(Intention[None]):
    """There may be none."""

    room_id = ""

    def __init__(self, user_id: str) -> None:
        self.waits_for = user_id
        self._user_id = user_id

    async def apply(self, transaction: Transaction) -> None:
        await transaction.execute(delete(FeedRow).where(FeedRow.user_id == self._user_id))
