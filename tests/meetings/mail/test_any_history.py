"""Whatever is done to a series, in whatever order, with a mail server that fails: everybody's calendar shows what is so."""

import random
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest

from contract.errors import DomainError
from contract.meetings import Scope
from contract.rooms import NewMember
from contract.schedule import Occurrence, wall_text
from tests.meetings.calendar.programs import Seen
from tests.meetings.mail.postbox import ADA, BO, INES, Post, held
from tests.services.mail_server import HANG_UP

RULES = (
    "FREQ=WEEKLY;COUNT=6",
    "FREQ=DAILY;BYDAY=MO,WE,FR;COUNT=8",
    "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,TH;COUNT=6",
)


@dataclass
class History:
    """What happens; `joined` says since when somebody is in the room, None when they are not."""

    post: Post
    dice: random.Random
    room_id: str
    meeting_id: str
    joined: dict[str, datetime | None] = field(default_factory=dict)

    async def happens(self) -> None:
        step = self.dice.choice(
            [
                self.cancel_one,
                self.cancel_rest,
                self.move_one,
                self.retitle,
                self.replan,
                self.go,
                self.come,
                self.wait,
                self.unrest,
            ]
        )
        with suppress(DomainError):  # what cannot be done any more is refused, and nothing is to follow
            await step()

    async def coming(self) -> Occurrence | None:
        detail = await self.post.get(self.meeting_id)
        now = self.post.clock.now()
        found = [one for one in detail.occurrences if one.status.value == "scheduled" and one.starts_at > now]
        return self.dice.choice(found) if found else None

    async def change(self, scope: Scope, **changes: Any) -> None:
        one = await self.coming()
        if one is not None:
            key = one.key if scope is not Scope.ALL else None
            await self.post.change(self.meeting_id, scope, key, accept_clashes=True, **changes)

    async def cancel_one(self) -> None:
        one = await self.coming()
        if one is not None:
            await self.post.cancel(self.meeting_id, Scope.THIS, one.key)

    async def cancel_rest(self) -> None:
        one = await self.coming()
        if one is not None and self.dice.random() < 0.3:
            await self.post.cancel(self.meeting_id, Scope.FOLLOWING, one.key)

    async def move_one(self) -> None:
        one = await self.coming()
        if one is not None:
            there = one.starts + timedelta(hours=self.dice.choice([-3, 2, 7]))
            await self.post.change(
                self.meeting_id, Scope.THIS, one.key, starts=wall_text(there), accept_clashes=True
            )

    async def retitle(self) -> None:
        scope = self.dice.choice([Scope.THIS, Scope.FOLLOWING, Scope.ALL])
        await self.change(scope, title=f"Algebra {self.dice.randrange(1000)}")

    async def replan(self) -> None:
        scope = self.dice.choice([Scope.FOLLOWING, Scope.ALL])
        more: dict[str, Any] = self.dice.choice(
            [{"rule": self.dice.choice(RULES)}, {"minutes": 90}, {"zone": "Asia/Tokyo"}]
        )
        await self.change(scope, **more)

    async def go(self) -> None:
        await self.post.node.rooms.remove_member(INES, self.room_id, BO.user_id)
        self.joined["ben@b.test"] = None

    async def come(self) -> None:
        await self.post.node.rooms.add_member(INES, self.room_id, NewMember(user_id=BO.user_id))
        if self.joined.get("ben@b.test") is None:
            self.joined["ben@b.test"] = self.post.clock.now() + timedelta(seconds=5)

    async def wait(self) -> None:
        await self.post.pass_time(days=self.dice.choice([1, 4]))

    async def unrest(self) -> None:
        answers = [self.dice.choice(["451 busy", HANG_UP, "250 OK"]) for _ in range(4)]
        self.post.server.mail_answers = answers


@pytest.mark.parametrize("seed", range(3))
async def test_calendars_show_what_is_so(post: Post, seed: int) -> None:
    dice = random.Random(seed)  # for tests
    room_id = await post.room(ADA)
    await post.node.admit(BO)
    began = post.clock.now()
    meeting_id = await post.planned(room_id, rule=dice.choice(RULES), reminders=[])
    history = History(post, dice, room_id, meeting_id, {"ana@a.test": began, "ines@school.test": began})
    for _ in range(14):
        await history.happens()
        if dice.random() < 0.7:
            await post.work()
    post.server.mail_answers = []
    await post.pass_time(hours=3)
    await _agree(post, history)


async def _agree(post: Post, history: History) -> None:
    so = sorted(held(await post.get(history.meeting_id)), key=lambda one: one.starts_at)
    for address, since in history.joined.items():
        expected = [] if since is None else [one for one in so if one.ends_at > since]
        shown = [one for one in post.calendar(address) if since is not None or one.ends_at > post.clock.now()]
        assert _after(shown, since) == _after(expected, since), address
    told = [(mail.recipient, str(mail.message["Message-ID"])) for mail in post.server.mails]
    assert len(told) == len(set(told)), "nobody is told the same twice"


def _after(seen: list[Seen], since: datetime | None) -> list[Seen]:
    return [one for one in seen if since is None or one.ends_at > since]
