"""The read marker: the one thing about messages that is written but is no event of the log."""

from sqlalchemy import update

from auth.identity import Identity
from auth.permissions import Action
from contract.errors import Forbidden
from realtime.log.transaction import Transaction
from realtime.log.writer import Intention
from realtime.rooms.tables import MemberRow
from realtime.rooms.transaction_store import access_in


class Mark(Intention[int]):
    """Moves somebody's read marker forward, never beyond the room's head. Returns where it stands."""

    def __init__(self, who: Identity, room_id: str, seq: int) -> None:
        self.who = who
        self.room_id = room_id
        self._seq = seq

    async def apply(self, transaction: Transaction) -> int:
        access = await access_in(transaction, self.who, self.room_id)
        access.require(Action.READ_MARK)
        if access.role is None:
            raise Forbidden("Only members have a read marker.")
        seq = min(self._seq, access.head)
        if seq <= access.read_seq:
            return access.read_seq
        await transaction.execute(
            update(MemberRow)
            .where(
                MemberRow.room_id == self.room_id,
                MemberRow.user_id == self.who.user_id,
                MemberRow.read_seq < seq,
            )
            .values(read_seq=seq)
        )
        return seq
