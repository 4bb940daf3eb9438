"""The dates of a recurring meeting by the words of Zoom's reference: a walk over the calendar, day by day."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any


def expansion(recurrence: Mapping[str, Any], start: datetime) -> list[datetime]:
    """Wall times from `start` on, `end_times` of them."""
    found: list[datetime] = []
    for wall in _days(start):
        if len(found) == recurrence["end_times"]:
            break
        if _is_held(recurrence, start, wall):
            found.append(wall)
    return found


def _days(start: datetime) -> Iterator[datetime]:
    for days in range(60 * 320):
        yield start + timedelta(days=days)


def _is_held(recurrence: Mapping[str, Any], start: datetime, wall: datetime) -> bool:
    interval = recurrence.get("repeat_interval", 1)
    if recurrence["type"] == 1:
        return bool((wall - start).days % interval == 0)
    if recurrence["type"] == 2:
        weeks = (_sunday(wall) - _sunday(start)).days // 7
        days = {int(day) for day in recurrence["weekly_days"].split(",")}
        return weeks % interval == 0 and _day(wall) in days
    months = (wall.year - start.year) * 12 + wall.month - start.month
    if months % interval:
        return False
    if "monthly_day" in recurrence:
        return bool(wall.day == recurrence["monthly_day"])
    last = (wall + timedelta(days=7)).month != wall.month
    week = (wall.day - 1) // 7 + 1
    return _day(wall) == recurrence["monthly_week_day"] and (
        last if recurrence["monthly_week"] == -1 else week == recurrence["monthly_week"]
    )


def _sunday(wall: datetime) -> datetime:
    return wall - timedelta(days=wall.isoweekday() % 7)


def _day(wall: datetime) -> int:
    return wall.isoweekday() % 7 + 1
