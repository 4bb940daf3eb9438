"""The bots' place in a log: each event once, in order, whatever is lost on the way."""

from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st

from bots.feed import Feed, Resynced, message_of
from contract.events import LogEvent
from tests.bots.log_events import at, event, not_recovered, page, recovered


def drain(feed: Feed) -> list[int | str]:
    """Seqs of events, "resynced" for a marker."""
    taken: list[int | str] = []
    while (item := feed.take()) is not None:
        taken.append(item.seq if isinstance(item, LogEvent) else "resynced")
    return taken


def test_events_in_their_turn_are_taken_in_their_turn() -> None:
    feed = Feed(at(4), 10)
    for seq in (5, 6, 7):
        feed.hear(event(seq))
    assert drain(feed) == [5, 6, 7]
    assert feed.taken == at(7)


def test_what_is_behind_is_dropped() -> None:
    feed = Feed(at(4), 10)
    for seq in (3, 4, 5, 5, 4):
        feed.hear(event(seq))
    assert drain(feed) == [5]
    assert not feed.stale


def test_a_gap_holds_back_what_follows_until_it_is_filled() -> None:
    feed = Feed(at(4), 10)
    feed.hear(event(5))
    feed.hear(event(7))
    assert drain(feed) == [5]
    assert feed.stale
    feed.caught_up(recovered(5, 7))
    assert drain(feed) == [6, 7]
    assert not feed.stale


def test_an_event_heard_while_the_answer_was_on_its_way_is_asked_for_again() -> None:
    feed = Feed(at(4), 10)
    feed.hear(event(6))
    feed.hear(event(7))
    feed.caught_up(recovered(4, 6))
    assert feed.stale
    feed.caught_up(recovered(6, 7))
    assert drain(feed) == [5, 6, 7]
    assert not feed.stale


def test_an_old_answer_changes_nothing() -> None:
    feed = Feed(at(4), 10)
    feed.disconnected()
    feed.caught_up(recovered(4, 6))
    feed.caught_up(recovered(4, 6))
    feed.disconnected()
    feed.caught_up(recovered(4, 5))
    assert feed.stale
    feed.caught_up(recovered(6, 8))
    assert drain(feed) == [5, 6, 7, 8]


def test_a_slow_reader_costs_no_more_than_the_capacity() -> None:
    feed = Feed(at(0), 3)
    for seq in range(1, 10):
        feed.hear(event(seq))
    assert feed.stale
    feed.caught_up(recovered(3, 9))
    assert feed.stale, "an answer that does not fit is let go"
    assert drain(feed) == [1, 2, 3]
    feed.caught_up(recovered(3, 9))
    assert drain(feed) == [4, 5, 6, 7, 8, 9]
    assert feed.taken == at(9)


def test_too_far_back_is_told_and_made_up_from_history() -> None:
    feed = Feed(at(2), 10)
    feed.disconnected()
    feed.caught_up(not_recovered(7))
    marker = feed.take()
    assert marker == Resynced(known=at(2), now=at(7))
    assert not marker.epoch_changed
    feed.page(page(2, 9, size=3))
    assert drain(feed) == [3, 4, 5]
    feed.page(page(5, 9))
    assert drain(feed) == [6, 7]
    assert not feed.paging
    assert not feed.stale
    feed.hear(event(8))
    assert drain(feed) == [8]


def test_messages_made_up_from_history_can_be_read_as_events() -> None:
    feed = Feed(at(2), 10)
    feed.disconnected()
    feed.caught_up(not_recovered(3))
    feed.take()
    feed.page(page(2, 3))
    made_up = feed.take()
    assert made_up is not None
    message = message_of(made_up)
    assert message is not None
    assert message.text == "text 3"


def test_a_disconnect_while_paging_goes_on_from_the_page_reached() -> None:
    feed = Feed(at(2), 10)
    feed.disconnected()
    feed.caught_up(not_recovered(9))
    feed.page(page(2, 9, size=3))
    feed.disconnected()
    feed.caught_up(not_recovered(12))
    assert drain(feed) == ["resynced", 3, 4, 5]
    feed.disconnected()
    feed.caught_up(recovered(5, 12))
    assert not feed.paging
    assert drain(feed) == [6, 7, 8, 9, 10, 11, 12]


def test_a_restored_database_is_told_and_its_new_messages_read() -> None:
    feed = Feed(at(8), 10)
    feed.disconnected()
    feed.caught_up(not_recovered(10, "e2"))
    marker = feed.take()
    assert isinstance(marker, Resynced)
    assert marker.epoch_changed
    feed.page(page(8, 10))
    assert drain(feed) == [9, 10]
    feed.hear(event(11, "e2"))
    assert drain(feed) == [11]


def test_a_database_restored_to_before_what_is_known_goes_on_at_its_head() -> None:
    feed = Feed(at(8), 10)
    feed.disconnected()
    feed.caught_up(not_recovered(5, "e2"))
    feed.page(page(5, 5))
    feed.hear(event(6, "e2"))
    assert drain(feed) == ["resynced", 6]


class Play:
    """A feed, the log that it follows, and what a reader has taken from it."""

    def __init__(self, capacity: int) -> None:
        self.feed, self.head, self.taken = Feed(at(0), capacity), 0, list[int | str]()

    def lose(self) -> None:
        self.head += 1

    def say(self) -> None:
        self.head += 1
        self.feed.hear(event(self.head))

    def disconnect(self) -> None:
        self.feed.disconnected()

    def answer(self) -> None:
        if self.feed.paging:
            self.feed.page(page(self.feed.tail.seq, self.head, size=2))
        else:
            self.feed.caught_up(recovered(self.feed.tail.seq, self.head))

    def answer_late(self) -> None:
        self.feed.caught_up(recovered(self.feed.tail.seq // 2, self.head // 2))

    def answer_too_far(self) -> None:
        if self.feed.stale and self.feed.empty:
            self.feed.caught_up(not_recovered(self.head))

    def take(self) -> None:
        item = self.feed.take()
        if item is not None:
            self.taken.append(item.seq if isinstance(item, LogEvent) else "resynced")

    def finish(self) -> None:
        self.say()
        while self.feed.stale or not self.feed.empty:
            self.taken += drain(self.feed)
            self.answer()


STEPS = [Play.lose, Play.say, Play.disconnect, Play.answer, Play.answer_late, Play.answer_too_far, Play.take]


@given(st.lists(st.sampled_from(STEPS), max_size=80), st.integers(1, 5))
def test_whatever_happens_each_event_comes_once_and_in_order(
    steps: list[Callable[[Play], None]], capacity: int
) -> None:
    play = Play(capacity)
    for step in steps:
        step(play)
    play.finish()
    assert [item for item in play.taken if item != "resynced"] == list(range(1, play.head + 1))
