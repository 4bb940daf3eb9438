"""A week of classes while everything goes wrong: `python -m tests.faults.week --seed 7 --courses 40 --days 30 [--postgres URL]`.

Instructors schedule, change, move and cancel; providers are away for hours, lose answers, refuse what they did the moment before,
and somebody deletes meetings there by hand; workers are killed in the middle of it all; the mail server is away. Time is
simulated, so a week takes seconds. Then all is well again for some days, and what is left is looked at by `week_checks`.
"""

import argparse
import asyncio
import contextlib
import logging
import random
import sys
import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from auth.identity import Identity
from contract.errors import DomainError
from contract.meetings import MeetingDetail, Scope
from contract.people import SignInRole
from contract.schedule import OccurrenceStatus, wall_text
from db import migrate
from meetings.jobs.timetable import Daily, Timetable
from meetings.jobs.worker import Worker
from meetings.mail.smtp import Undelivered
from meetings.provider import Layout, Trouble
from server.schedule_parts import build_schedule
from tests.conformance.store_places import sqlite_url
from tests.meetings.scene import Scene
from tests.realtime.clocks import ManualClock
from tests.realtime.school import Node, person, running
from tests.services.scripted_provider import AWAY, BUSY, DROPPED, LOST, ScriptedProvider, ScriptedVendor

TITLES = ("Algebra", "Biology", "Chemistry", "Drawing", "English", "French", "Geography", "History")
ZONES = ("Europe/Paris", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "UTC")
RULES = (None, "FREQ=DAILY;COUNT=9", "FREQ=WEEKLY;COUNT=3", "FREQ=WEEKLY;BYDAY=MO,WE,FR;COUNT=7")
PROVIDERS = ("series", "series", "each", "each", "builtin")
OFFSETS: tuple[list[int], ...] = ([60, 10], [10], [1440, 0], [])


@dataclass(frozen=True)
class Options:
    seed: int = 1
    days: int = 7
    courses: int = 5
    members: int = 2
    changes_a_day: float = 6
    outages_a_day: float = 2
    kill: float = 0.04
    """Chance that a worker is killed before or after a request, or a mail."""
    fault: float = 0.15
    """Chance that a request goes wrong."""
    quiet_days: int = 3
    """At the end, with nothing going wrong any more."""


@dataclass
class Told:
    """A mail that the mail server took."""

    at: datetime
    to: str
    message_id: str


class Post:
    """The mail server, in place of a connection to it."""

    def __init__(self, week: "Week") -> None:
        self._week = week
        self.mails: list[Told] = []

    async def send(self, sender: str, recipient: str, message: bytes) -> None:
        week = self._week
        if week.chaos and week.dice.random() < week.options.fault:
            raise Undelivered("The mail server cannot be reached, or hung up.", final=False)
        header = next(line for line in message.split(b"\r\n") if line.lower().startswith(b"message-id:"))
        self.mails.append(Told(week.clock.now(), recipient, header.decode().partition(":")[2].strip()))
        await week.perhaps_kill()


class Week:
    """Everything that happens, decided by a seed."""

    def __init__(self, node: Node, options: Options) -> None:
        self.options = options
        self.dice = random.Random(options.seed)
        self.chaos = True
        self.kills = 0
        self.meetings: list[str] = []
        self.node = node
        self.vendors = {"series": ScriptedVendor(node.clock), "each": ScriptedVendor(node.clock)}
        settings = node.base.settings.model_copy(
            update={"smtp_url": SecretStr("smtp://127.0.0.1:2525"), "mail_from": "class@school.example"}
        )
        providers = [
            ScriptedProvider(self.vendors["series"].request, Layout.SERIES, "series", "Series"),
            ScriptedProvider(self.vendors["each"].request, Layout.EACH, "each", "Each"),
        ]
        self.scene = Scene(node, self.vendors["series"])
        self.scene.parts = build_schedule(
            replace(node.base, settings=settings), node.classroom, works=False, further=providers
        )
        self.post = Post(self)
        handlers = self.scene.worker._handlers
        handlers["mail"]._postman = self.post  # type: ignore[attr-defined]  # its only way out
        self.workers = [self.scene.worker, self._another_worker()]
        self._repeatably()
        self._at_work: Worker | None = None
        for vendor in self.vendors.values():
            vendor.before = self._before
            vendor.after = self._after
        self.teachers = [self._somebody(f"teacher{n}", SignInRole.INSTRUCTOR) for n in range(3)]
        self.students = [self._somebody(f"student{n}", SignInRole.STUDENT) for n in range(options.members)]
        self._outages: dict[str, datetime] = {}
        self.timetable = Timetable(node.writer, node.clock, [Daily("reconcile", time(2, 30))])
        self._looked_at = node.clock.now() - timedelta(days=1)

    @property
    def clock(self) -> ManualClock:
        return self.scene.clock

    async def live(self) -> None:
        """The week, and some quiet days."""
        await self.node.admit(*self.teachers, *self.students)
        for _ in range(self.options.courses):
            await self._schedule()
        end = self.clock.now() + timedelta(days=self.options.days)
        while self.clock.now() < end:
            pause = self.dice.expovariate(
                (self.options.changes_a_day + self.options.outages_a_day + 1) / 86400
            )
            await self._until(min(end, self.clock.now() + timedelta(seconds=pause)))
            await self._something_happens()
        await self._settle()

    async def perhaps_kill(self) -> None:
        """Ends what the present worker does, as kill -9 would: it saves nothing any more, and gives nothing back."""
        worker = self._at_work
        if not self.chaos or worker is None or self.dice.random() >= self.options.kill:
            return
        self.kills += 1
        for run in list(worker._runs.values()):
            run.lost = True
            run.task.cancel()
        await asyncio.sleep(0)

    # --------------------------------------------------------------------------------------------------- what happens

    async def _something_happens(self) -> None:
        changes, outages = self.options.changes_a_day, self.options.outages_a_day
        lot = self.dice.random() * (changes + outages + 1)
        if lot < changes:
            with contextlib.suppress(DomainError):  # too late, or over: as people experience it
                await self.dice.choice(self._changes())()
        elif lot < changes + outages:
            name = self.dice.choice(list(self.vendors))
            self.vendors[name].standing = self.dice.choice([Trouble.RETRY, Trouble.UNKNOWN, Trouble.QUOTA])
            self._outages[name] = self.clock.now() + timedelta(minutes=self.dice.choice([3, 30, 200]))
        else:
            vendor = self.vendors[self.dice.choice(list(self.vendors))]
            if vendor.things:
                vendor.delete(self.dice.choice(sorted(vendor.things)))

    def _changes(self) -> list[Callable[[], Awaitable[object]]]:
        return [
            self._schedule,
            self._rename,
            self._rename,
            self._move_one,
            self._move_one,
            self._cancel_one,
            self._cancel_following,
            self._move_to_another_provider,
            self._retry,
        ]

    async def _schedule(self) -> None:
        now = self.clock.now()
        starts = (now + timedelta(hours=self.dice.randrange(15, 70))).replace(minute=0, second=0, tzinfo=None)
        rule = self.dice.choice(RULES)
        more: dict[str, Any] = {} if rule is None else {"rule": rule}
        detail = await self.scene.schedule(
            who=self.dice.choice(self.teachers),
            starts=starts,
            zone=self.dice.choice(ZONES),
            provider=self.dice.choice(PROVIDERS),
            title=self.dice.choice(TITLES),
            reminders=self.dice.choice(OFFSETS),
            people=[{"user_id": one.user_id} for one in self.students],
            **more,
        )
        self.meetings.append(detail.meeting.id)

    async def _rename(self) -> None:
        detail, who = await self._some()
        await self._change(
            detail, who, Scope.ALL, title=f"{self.dice.choice(TITLES)} {self.dice.randrange(100)}"
        )

    async def _move_one(self) -> None:
        detail, who = await self._some()
        one = self.dice.choice([one for one in detail.occurrences if one.starts_at > self.clock.now()])
        starts = one.starts + timedelta(minutes=self.dice.choice([-45, 30, 600]))
        await self._change(detail, who, Scope.THIS, one.key, starts=wall_text(starts))

    async def _move_to_another_provider(self) -> None:
        detail, who = await self._some()
        await self._change(detail, who, Scope.ALL, provider=self.dice.choice(PROVIDERS))

    async def _cancel_one(self) -> None:
        await self._cancel(Scope.THIS)

    async def _cancel_following(self) -> None:
        await self._cancel(self.dice.choice([Scope.FOLLOWING, Scope.ALL]))

    async def _retry(self) -> None:
        detail, who = await self._some()
        await self.scene.retry(detail.meeting.id, who)

    async def _cancel(self, scope: Scope) -> None:
        detail, who = await self._some()
        one = self.dice.choice([one for one in detail.occurrences if one.starts_at > self.clock.now()])
        key = None if scope is Scope.ALL else one.key
        await self.scene.cancel(detail.meeting.id, scope, key, who=who)

    async def _change(
        self, detail: MeetingDetail, who: Identity, scope: Scope, key: str | None = None, **changes: Any
    ) -> None:
        await self.scene.change(detail.meeting.id, scope, key, who, accept_clashes=True, **changes)

    async def _some(self) -> tuple[MeetingDetail, Identity]:
        """A meeting with something to come, and its host. Raises DomainError where there is none."""
        for meeting_id in self.dice.sample(self.meetings, len(self.meetings)):
            for who in self.teachers:
                with contextlib.suppress(DomainError):
                    detail = await self.scene.get(meeting_id, who)
                    if detail.meeting.host.id == who.user_id and self._has_future(detail):
                        return detail, who
        raise DomainError("There is no such meeting.")

    def _has_future(self, detail: MeetingDetail) -> bool:
        return any(
            one.starts_at > self.clock.now() and one.status is OccurrenceStatus.SCHEDULED
            for one in detail.occurrences
        )

    # ----------------------------------------------------------------------------------------------------- faults

    async def _before(self, verb: str) -> None:
        await self.perhaps_kill()
        if self.chaos and self.dice.random() < self.options.fault:
            self._vendor_of(verb).faults.append(self.dice.choice([AWAY, LOST, DROPPED, BUSY]))

    async def _after(self, _verb: str) -> None:
        await self.perhaps_kill()

    def _vendor_of(self, _verb: str) -> ScriptedVendor:
        return self.vendors[self.dice.choice(list(self.vendors))]

    # ------------------------------------------------------------------------------------------------------- time

    async def _until(self, end: datetime) -> None:
        """Moves time on to whatever is due next, and lets one of the workers do it."""
        await self._work()
        while (moment := await self._next()) is not None and moment <= end:
            self.clock.move(max(0.5, (moment - self.clock.now()).total_seconds()))
            await self._work()
        self.clock.move(max(0.0, (end - self.clock.now()).total_seconds()))
        await self._work()

    async def _next(self) -> datetime | None:
        moments = [*self._outages.values()]
        due_at = await self.scene.next_due()
        return min([*moments, *([due_at] if due_at is not None else [])], default=None)

    async def _work(self) -> None:
        now = self.clock.now()
        for name in [name for name, until in self._outages.items() if until <= now]:
            del self._outages[name]
            self.vendors[name].standing = None
        self._at_work = self.dice.choice(self.workers)
        if now >= self._looked_at + timedelta(hours=1):
            self._looked_at = now
            await self.timetable.look()
        with contextlib.suppress(asyncio.CancelledError):
            await self._at_work.run_due()

    async def _settle(self) -> None:
        self.chaos = False
        self._outages.clear()
        for vendor in self.vendors.values():
            vendor.standing = None
            vendor.faults.clear()
        await self._until(self.clock.now() + timedelta(days=self.options.quiet_days))

    def _another_worker(self) -> Worker:
        worker = self.scene.worker
        return Worker(
            self.node.database,
            self.node.writer,
            worker._handlers,
            clock=self.node.clock,
            ids=self.node.ids,
            observer=self.node.metrics,
        )

    def _repeatably(self) -> None:
        """The same seed, the same pauses."""
        for worker in self.workers:
            worker._chance = self.dice.random
        self.scene.worker._handlers["link"]._chance = self.dice.random  # type: ignore[attr-defined]  # it is a LinkHandler
        for provider in self.scene.parts.providers.all():
            provider._breaker._chance = self.dice.random

    def _somebody(self, name: str, role: SignInRole) -> Identity:
        return replace(person(name, role), email=f"{name}@school.example")


async def live(options: Options, folder: Path, database_url: str | None = None) -> tuple[Week, list[str]]:
    """The week, and what is wrong after it."""
    from tests.faults.week_checks import complaints

    if database_url is None:
        database_url = sqlite_url(folder / "week.db")
    await migrate.upgrade(database_url)
    node = Node(database_url, folder / "data", clock=ManualClock())
    async with running(node):
        week = Week(node, options)
        await week.live()
        return week, await complaints(week)


def main() -> int:
    options = argparse.ArgumentParser(description="Weeks of classes under faults.")
    options.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    options.add_argument("--courses", type=int, default=20)
    options.add_argument("--days", type=int, default=14)
    options.add_argument("--members", type=int, default=5)
    options.add_argument("--weeks", type=int, default=1, help="how many, each with the next seed")
    options.add_argument("--postgres", metavar="URL", help="an empty PostgreSQL database instead of SQLite")
    given = options.parse_args()
    logging.disable(logging.WARNING)
    bad = 0
    for seed in range(given.seed, given.seed + given.weeks):
        folder = Path(tempfile.mkdtemp(prefix="homeroom-week-"))
        wish = Options(seed, given.days, given.courses, given.members)
        week, wrong = asyncio.run(live(wish, folder, given.postgres))
        asked = sum(len(vendor.requests) for vendor in week.vendors.values())
        counted = f"{len(week.meetings)} meetings, {asked} requests, {week.kills} kills, {len(week.post.mails)} mails"
        print(f"seed {seed}: {counted}: {'good' if not wrong else 'BROKEN'}", flush=True)
        print("\n".join(wrong[:20]), end="\n" if wrong else "")
        bad += bool(wrong)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
