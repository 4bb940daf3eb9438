"""The checker itself: it must be silent about a sound history, and find each bug that is planted in one."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.faults.checker import Fault, check
from tests.faults.history import END, Entry, History, read_history
from tests.faults.latencies import report

ROOM = "algebra"


def sound() -> list[Entry]:
    """Two members, six messages; ann drops and resumes; one send stays unknown and is there, one is refused."""
    entries = [
        Entry("ann", "resume", "ok", ROOM, 0.0, seq=2, epoch="e", value="joined"),
        Entry("ben", "resume", "ok", ROOM, 0.0, seq=2, epoch="e", value="joined"),
        Entry("ann", "send", "invoke", ROOM, 0.1, cid="no", value="text of no"),
        Entry("ann", "send", "fail", ROOM, 0.2, cid="no"),
    ]
    for number in range(3, 9):
        cid = f"m{number}"
        text = f"text of {cid}"
        entries.append(Entry("ann", "send", "invoke", ROOM, number, cid=cid, value=text))
        outcome = Entry("ann", "send", "ok", ROOM, number + 0.1, cid=cid, seq=number, epoch="e")
        entries.append(outcome if number != 5 else Entry("ann", "send", "info", ROOM, number + 0.1, cid=cid))
        if number == 6:
            entries.append(Entry("ann", "resume", "ok", ROOM, number, seq=5, epoch="e", value="recovered"))
        entries += [
            Entry(who, "recv", "ok", ROOM, number + 0.2, cid, number, "e", text) for who in ("ann", "ben")
        ]
    for who in ("ann", "ben"):
        entries.append(Entry(who, "recv", "ok", ROOM, 20, value=END))
    for number in range(3, 9):
        entries.append(
            Entry("final", "read", "ok", ROOM, 21, f"m{number}", number, "e", f"text of m{number}")
        )
    entries.append(Entry("final", "read", "ok", ROOM, 22, value=END))
    return entries


def find(entries: list[Entry], process: str, f: str, seq: int) -> int:
    return next(
        index
        for index, entry in enumerate(entries)
        if (entry.process, entry.f, entry.seq) == (process, f, seq)
    )


def test_a_sound_history_is_found_sound() -> None:
    verdict = check(sound())
    assert verdict.good, str(verdict)
    assert (verdict.sent, verdict.acknowledged, verdict.refused, verdict.unknown) == (7, 5, 1, 1)


Plant = Callable[[list[Entry]], object]


def an_acknowledged_message_missing_from_the_final_reading(entries: list[Entry]) -> None:
    del entries[find(entries, "final", "read", 6)]


def the_last_message_never_delivered_to_one_member(entries: list[Entry]) -> None:
    del entries[find(entries, "ben", "recv", 8)]


def a_message_delivered_twice(entries: list[Entry]) -> None:
    index = find(entries, "ben", "recv", 4)
    entries.insert(index, entries[index])


def a_retry_stored_twice(entries: list[Entry]) -> None:
    index = find(entries, "final", "read", 8)
    entries.insert(index + 1, replace(entries[index], seq=9))


def a_retry_acknowledged_at_another_position(entries: list[Entry]) -> None:
    index = find(entries, "ann", "send", 4)
    entries.insert(index + 1, replace(entries[index], seq=7))


def a_position_skipped_and_healed_too_late(entries: list[Entry]) -> None:
    later = entries.pop(find(entries, "ben", "recv", 5))
    entries.insert(find(entries, "ben", "recv", 8) + 1, later)


def a_position_skipped_at_a_resume(entries: list[Entry]) -> None:
    del entries[find(entries, "ann", "recv", 6)]


def two_messages_at_one_position(entries: list[Entry]) -> None:
    index = find(entries, "ben", "recv", 7)
    entries[index] = replace(entries[index], value="something else")


def a_refused_message_in_the_log(entries: list[Entry]) -> None:
    index = find(entries, "final", "read", 8)
    entries.insert(index + 1, replace(entries[index], cid="no", seq=9, value="text of no"))


def a_message_that_nobody_sent(entries: list[Entry]) -> None:
    index = find(entries, "final", "read", 8)
    entries.insert(index + 1, replace(entries[index], cid="ghost", seq=9, value="boo"))


def no_final_reading(entries: list[Entry]) -> None:
    entries.pop()


@pytest.mark.parametrize(
    ("plant", "faults"),
    [
        (an_acknowledged_message_missing_from_the_final_reading, {Fault.LOST}),
        (the_last_message_never_delivered_to_one_member, {Fault.LOST}),
        (a_message_delivered_twice, {Fault.DUPLICATE}),
        (a_retry_stored_twice, {Fault.DUPLICATE}),
        (a_retry_acknowledged_at_another_position, {Fault.DUPLICATE}),
        (a_position_skipped_and_healed_too_late, {Fault.SKIPPED, Fault.REORDERED}),
        (a_position_skipped_at_a_resume, {Fault.SKIPPED, Fault.LOST}),
        (two_messages_at_one_position, {Fault.DIVERGED}),
        (a_refused_message_in_the_log, {Fault.REFUSED_BUT_SEEN}),
        (a_message_that_nobody_sent, {Fault.NEVER_SENT}),
        (no_final_reading, {Fault.UNCHECKED}),
    ],
)
def test_each_planted_bug_is_found_and_nothing_else(plant: Plant, faults: set[Fault]) -> None:
    entries = sound()
    plant(entries)
    assert {finding.fault for finding in check(entries).findings} == faults


def test_what_was_neither_acknowledged_nor_refused_may_be_missing() -> None:
    entries = [entry for entry in sound() if entry.seq != 5 or entry.f == "resume"]
    faults = {finding.fault for finding in check(entries).findings}
    assert Fault.LOST not in faults


def test_a_reset_excuses_what_it_passed_over_and_nothing_after_it() -> None:
    entries = sound()
    del entries[find(entries, "ann", "recv", 6)]
    index = find(entries, "ann", "resume", 5)
    entries[index] = replace(entries[index], seq=6, value="reset")
    assert check(entries).good
    del entries[find(entries, "ann", "recv", 8)]
    assert [finding.fault for finding in check(entries).findings] == [Fault.LOST]


def test_a_history_survives_its_file(tmp_path: Path) -> None:
    history = History(tmp_path / "history.jsonl", monotonic=lambda: 1.5)
    history.record("ann", "send", "invoke", ROOM, cid="m1", value="text — with “quotes”\n")
    history.record("ann", "recv", "ok", ROOM, seq=1, epoch="e")
    history.close()
    assert list(read_history(history.path)) == history.entries


def test_latencies_are_told_from_the_first_try() -> None:
    assert report(sound()).splitlines() == [
        "send to ack: p50 100.0 ms, p99 100.0 ms, longest 100.0 ms (of 5)",
        "send to arrival: p50 200.0 ms, p99 200.0 ms, longest 200.0 ms (of 12)",
    ]
