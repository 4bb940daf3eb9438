"""A week of classes under faults, small enough for every run of the tests; `python -m tests.faults.week` has longer ones."""

from pathlib import Path

from tests.faults.week import Options, live


async def test_days_of_faults_leave_no_duplicate_no_orphan_no_loss_and_every_reminder_once(
    tmp_path: Path,
) -> None:
    wish = Options(seed=2, days=2, courses=3, members=1, kill=0.1, fault=0.25, quiet_days=2)
    week, wrong = await live(wish, tmp_path)
    assert wrong == []
    assert week.kills > 0
    assert week.post.mails
    assert sum(len(vendor.made) for vendor in week.vendors.values()) > 0
