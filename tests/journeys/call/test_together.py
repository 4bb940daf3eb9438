"""People in a call see and hear each other, and nobody else does."""

from tests.journeys.call.conftest import Seat, new_room


async def test_two_people_see_and_hear_each_other_until_one_leaves(seat: Seat) -> None:
    ada, ben = await seat("ada", role="instructor"), await seat("ben")
    room = await new_room(ada, ben)
    await ada.call_in(room)
    await ben.call_in(room)
    await ada.sees(ben)
    await ben.sees(ada)
    await ada.hears()
    await ben.hears()
