"""What the rest of meetings knows of jobs: how to wish for one, and what a handler is given and answers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol


@dataclass(frozen=True)
class JobWish:
    """Work to be done at `due_at`. The same `key` again moves a waiting job to the new time, wakes a dead one, and lets a
    running one run once more; with `once` a job that is there, in whatever state, stays as it is.
    """

    key: str
    kind: str
    due_at: datetime
    payload: Mapping[str, Any] = field(default_factory=dict)
    meeting_id: str | None = None
    once: bool = False


@dataclass(frozen=True)
class Job:
    """A job that is being run. `attempts` counts this run."""

    id: str
    key: str
    kind: str
    payload: Mapping[str, Any]
    meeting_id: str | None
    attempts: int
    created_at: datetime
    lease: str


class Again(Exception):
    """Not done: try again at `due_at` (None: after the back-off of its attempts). `message` is kept for people.

    `counts`: whether it counts as a failure, of which there may only be so many before the job is dead.
    """

    def __init__(self, message: str, due_at: datetime | None = None, *, counts: bool = True) -> None:
        self.message = message
        self.due_at = due_at
        self.counts = counts
        super().__init__(message)


class Dead(Exception):
    """Not done, and trying again does not help until somebody has done something."""

    def __init__(self, message: str) -> None:
        self.message = message
        super().__init__(message)


class Handler(Protocol):
    """Does one kind of work. May be run twice for one job, when a node died in between: it must not matter.

    Raises Again, Dead; anything else counts as Again. Returning means done.
    """

    async def __call__(self, job: Job) -> None: ...
