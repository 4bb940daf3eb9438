"""Somebody who schedules over REST, and the times that they name."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.integration.people import Json, Person, Rest, School

MEETINGS = "/api/v1/meetings"


def monday(weeks: int = 1, at: str = "09:00") -> str:
    """A Monday of a coming week, as a wall time."""
    today = datetime.now(UTC).date()
    day = today + timedelta(days=7 - today.weekday() + 7 * (weeks - 1))
    return f"{day.isoformat()}T{at}"


def shifted(wall: str, *, days: int = 0, minutes: int = 0) -> str:
    """Another wall time, counted from one."""
    moved = datetime.fromisoformat(wall) + timedelta(days=days, minutes=minutes)
    return moved.isoformat(timespec="minutes")


class Planner:
    """Calls of one person; `ok` and `no` say which answer is meant."""

    def __init__(self, person: Person) -> None:
        self.person = person
        self.rest = Rest(person.server, person.token)

    async def call(
        self, method: str, path: str = "", *, headers: Mapping[str, str] | None = None, **options: Any
    ) -> tuple[int, Json]:
        status, body, _ = await self.rest.call(method, f"{MEETINGS}{path}", headers=headers, **options)
        return status, body

    async def ok(self, method: str, path: str = "", **options: Any) -> Json:
        status, body = await self.call(method, path, **options)
        assert status in {200, 201}, (method, path, status, body)
        return body

    async def no(self, status: int, method: str, path: str = "", **options: Any) -> Json:
        """The problem of a refusal."""
        answered, body = await self.call(method, path, **options)
        assert answered == status, (method, path, answered, body)
        return body

    async def plans(self, *, key: str | None = None, **wish: Any) -> Json:
        """Schedules a meeting; the detail."""
        headers = {"Idempotency-Key": key} if key is not None else None
        return await self.ok("POST", json=wished(**wish), headers=headers)

    async def may_not_plan(self, status: int, **wish: Any) -> Json:
        return await self.no(status, "POST", json=wished(**wish))

    async def sees(self, meeting_id: str) -> Json:
        return await self.ok("GET", f"/{meeting_id}")

    async def lists(self, **params: Any) -> list[Json]:
        items: list[Json] = (await self.ok("GET", params=params))["items"]
        return items


def wished(**wish: Any) -> Json:
    """A wish with what every one needs."""
    return {"title": "Algebra", "starts": monday(), "zone": "Europe/Paris", "minutes": 60, **wish}


async def planner(school: School, role: str = "instructor", **claims: Any) -> Planner:
    return Planner(await school.person(role=role, **claims))


def keys(detail: Json) -> list[str]:
    """Of a meeting's occurrences."""
    return [one["key"] for one in detail["occurrences"]]


def statuses(detail: Json) -> list[str]:
    return [one["status"] for one in detail["occurrences"]]
