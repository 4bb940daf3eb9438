"""How a link may stand, whatever happens in whatever order: the rules alone, against a provider that is a set of numbers."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from meetings.linking import rules
from meetings.linking.rules import CLAIMING, IllegalMove, Move, Task, is_news, is_serious, moved, task_for
from meetings.model import LinkRecord, LinkStatus
from meetings.provider import Trouble

NOW: Final = datetime(2030, 1, 1, tzinfo=UTC)
NEW: Final = LinkRecord(
    "link_1", "meet_1", "part_1", None, "scripted", LinkStatus.PENDING, {}, pushed="", wanted=True
)

# (from, move, to). Written by hand; what is not here is refused.
P, C, R, F, X, D, G = (
    LinkStatus.PENDING,
    LinkStatus.CREATING,
    LinkStatus.READY,
    LinkStatus.FAILED,
    LinkStatus.CANCELLING,
    LinkStatus.CANCELLED,
    LinkStatus.GONE,
)
LEGAL: Final = {
    (P, Move.CLAIM): C,
    (P, Move.FAIL): F,
    (P, Move.RETRY): P,
    (P, Move.REMOVED): D,
    (C, Move.CLAIM): C,
    (C, Move.MADE): R,
    (C, Move.FAIL): F,
    (C, Move.RETRY): C,
    (C, Move.CANCEL): X,
    (R, Move.MADE): R,
    (R, Move.FAIL): R,
    (R, Move.RETRY): R,
    (R, Move.VANISH): G,
    (R, Move.CANCEL): X,
    (F, Move.CLAIM): C,
    (F, Move.FAIL): F,
    (F, Move.RETRY): C,
    (F, Move.CANCEL): X,
    (G, Move.CLAIM): C,
    (G, Move.FAIL): F,
    (G, Move.RETRY): C,
    (G, Move.VANISH): G,
    (G, Move.CANCEL): X,
    (X, Move.CANCEL): X,
    (X, Move.FAIL): X,
    (X, Move.RETRY): X,
    (X, Move.REMOVED): D,
}


@pytest.mark.parametrize("status", LinkStatus)
@pytest.mark.parametrize("move", Move)
def test_a_link_moves_as_the_table_says_and_no_other_way(status: LinkStatus, move: Move) -> None:
    if (status, move) in LEGAL:
        assert moved(status, move) is LEGAL[status, move]
    else:
        with pytest.raises(IllegalMove):
            moved(status, move)


@pytest.mark.parametrize("status", LinkStatus)
@pytest.mark.parametrize("wanted", [True, False])
@pytest.mark.parametrize("over", [True, False])
def test_whatever_is_to_be_done_may_be_begun(status: LinkStatus, wanted: bool, over: bool) -> None:
    task = task_for(replace(NEW, status=status, wanted=wanted), "print", over=over)
    if task is not Task.NOTHING:
        assert moved(status, CLAIMING[task])


def test_nothing_is_made_for_what_is_over() -> None:
    for status in LinkStatus:
        assert task_for(replace(NEW, status=status), "print", over=True) is Task.NOTHING


# (attempts, since when it fails in minutes, trouble, minutes until the start, minutes until the next try): serious?
SERIOUS = [
    (1, 0, Trouble.RETRY, 1000, 1, False),
    (5, 1, Trouble.RETRY, 1000, 1, True),
    (2, 5, Trouble.RETRY, 1000, 1, True),
    (1, 0, Trouble.UNKNOWN, 10, 1, False),
    (2, 1, Trouble.UNKNOWN, 10, 1, True),
    (1, 0, Trouble.SCOPE, 1000, None, True),
    (1, 0, Trouble.CREDENTIALS, 1000, None, True),
    (1, 0, Trouble.REFUSED, 1000, None, True),
    (9, 600, Trouble.QUOTA, 5000, 60, False),
    (1, 0, Trouble.QUOTA, 30, 60, True),
]


@pytest.mark.parametrize(("attempts", "since", "trouble", "start", "again", "wanted"), SERIOUS)
def test_staff_is_told_when_it_matters(
    *, attempts: int, since: int, trouble: Trouble, start: int, again: int | None, wanted: bool
) -> None:
    link = replace(NEW, attempts=attempts, troubled_at=NOW - timedelta(minutes=since))
    retry_at = None if again is None else NOW + timedelta(minutes=again)
    found = is_serious(link, trouble, starts_at=NOW + timedelta(minutes=start), retry_at=retry_at, now=NOW)
    assert found is wanted


def test_of_many_links_that_fail_for_one_reason_one_is_told_of() -> None:
    failed = replace(NEW, status=F, problem_code="scope", told_at=NOW)
    fine = replace(NEW, status=R)
    assert is_news(NEW, failed, [fine], changes=True)
    assert not is_news(NEW, failed, [failed], changes=True)
    assert is_news(NEW, failed, [replace(failed, problem_code="quota")], changes=True)
    assert not is_news(failed, fine, [failed], changes=False)
    assert is_news(failed, fine, [fine], changes=True)


class Link(RuleBasedStateMachine):
    """Runs come and go, and die; `made` are the things at the provider, all of this link's marker."""

    def __init__(self) -> None:
        super().__init__()
        self.link = NEW
        self.wish = 0
        self.made: dict[int, int] = {}
        self.number = 0
        self.run: tuple[Task, str] | None = None
        self.asked = False

    @property
    def print(self) -> str:
        return f"wish {self.wish}"

    @rule()
    def something_changes(self) -> None:
        self.wish += 1

    @rule()
    @precondition(lambda self: self.link.wanted)
    def nobody_wants_it(self) -> None:
        self.link = replace(self.link, wanted=False)

    @rule()
    @precondition(lambda self: not self.link.wanted and self.link.status not in {X, D})
    def it_is_wanted_again(self) -> None:
        self.link = replace(self.link, wanted=True)

    @rule()
    @precondition(lambda self: self.run is None)
    def a_run_begins(self) -> None:
        task = task_for(self.link, self.print, over=False)
        if task is Task.NOTHING:
            return
        self.link = replace(self.link, status=moved(self.link.status, CLAIMING[task]))
        if task is not Task.FORGET:
            self.run, self.asked = (task, self.print), False

    @rule()
    @precondition(lambda self: self.run is not None and not self.asked)
    def it_asks(self) -> None:
        """As the handler does: find, then make; or delete what is there."""
        assert self.run is not None
        task, self.asked = self.run[0], True
        if task is Task.CANCEL:
            self.made.clear()
        elif task is Task.CREATE or not self.made:
            self.number += 1
            self.made[self.number] = self.wish

    @rule()
    @precondition(lambda self: self.asked)
    def it_saves(self) -> None:
        assert self.run is not None
        task, told = self.run
        if task is Task.CANCEL:
            self.link = replace(self.link, status=moved(self.link.status, Move.REMOVED), external_id=None)
        else:
            thing = next(iter(self.made), None)
            self.link = replace(
                self.link,
                status=moved(self.link.status, Move.MADE),
                external_id=str(thing) if thing is not None else "deleted",
                pushed=told,
            )
        self.run, self.asked = None, False

    @rule()
    @precondition(lambda self: self.run is not None)
    def it_dies(self) -> None:
        """Before or after the request, and nothing is saved."""
        self.run, self.asked = None, False

    @rule(serious=st.booleans())
    @precondition(lambda self: self.run is not None and not self.asked)
    def it_is_refused(self, serious: bool) -> None:
        if serious:
            self.link = replace(self.link, status=moved(self.link.status, Move.FAIL))
        self.run = None

    @rule()
    @precondition(lambda self: self.run is None and self.link.status is R and bool(self.made))
    def somebody_deletes_it_there(self) -> None:
        self.made.clear()
        self.link = replace(
            self.link, status=moved(self.link.status, Move.VANISH), pushed="", external_id=None
        )

    @rule()
    @precondition(lambda self: self.run is None and self.link.status is not D)
    def staff_has_it_tried_again(self) -> None:
        self.link = replace(self.link, status=moved(self.link.status, Move.RETRY))

    @invariant()
    def there_is_never_a_second_one(self) -> None:
        assert len(self.made) <= 1

    @invariant()
    def what_is_ready_is_there(self) -> None:
        if self.link.status is R:
            assert self.made

    @invariant()
    def what_is_cancelled_or_was_never_asked_for_is_not_there(self) -> None:
        if self.link.status in {P, D}:
            assert not self.made

    def teardown(self) -> None:
        """Left to itself it comes to what is wanted."""
        if self.run is not None:
            self.it_dies()
        for _ in range(3):
            self.a_run_begins()
            if self.run is not None:
                self.it_asks()
                self.it_saves()
        stands = self.link.wanted and self.link.status not in {X, D}
        assert len(self.made) == (1 if stands else 0)
        assert rules.task_for(self.link, self.print, over=False) is Task.NOTHING


TestLink = Link.TestCase
TestLink.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)
