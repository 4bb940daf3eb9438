"""What a provider told, taken into the life of a class."""

from datetime import datetime
from typing import Final

from meetings.after.guests import instant
from meetings.after.lessons import lesson_told
from meetings.after.life import Life
from meetings.after.model import Afterwards
from meetings.after.recording_store import take_note
from meetings.linking import store as linking
from meetings.provider import Happening, What
from realtime.log.transaction import Transaction
from realtime.log.writer import Intention

NO_CLASS: Final = "The meeting has no class that it could be about."


class TakeIn(Intention[str | None]):
    """One happening on a link. What there is to say of it, if it could not be understood."""

    def __init__(self, room_id: str, link_id: str, happening: Happening, afterwards: Afterwards) -> None:
        self.room_id = room_id
        self._link_id = link_id
        self._happening = happening
        self._afterwards = afterwards

    async def apply(self, transaction: Transaction) -> str | None:
        await transaction.flush()
        link = await linking.link(transaction.connection, self._link_id)
        if link is None:
            return NO_CLASS
        told, at = self._happening, instant(self._happening.at)
        lesson = await lesson_told(transaction.connection, link, told, at)
        if lesson is None:
            return NO_CLASS
        if told.what is What.RECORDING_READY:
            for file in told.files:
                await take_note(transaction, lesson, told.session, file)
            return None if told.files else "It names no file."
        return await _live(Life(transaction, lesson, self._afterwards), told, at)


async def _live(life: Life, told: Happening, at: datetime) -> str | None:
    person = told.person
    if told.what is What.STARTED:
        await life.begin(told.session, at)
    elif told.what is What.ENDED:
        await life.finish(told.session, at)
    elif person is None:
        return "It names nobody."
    elif told.what is What.JOINED:
        await life.arrive(told.session, person, at)
    elif told.what is What.LEFT:
        await life.depart(told.session, person, at)
    return None
