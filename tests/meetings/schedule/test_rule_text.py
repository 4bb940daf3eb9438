"""What is no rule for classes is refused by name, quickly, and never understood otherwise."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contract.errors import InvalidInput
from meetings.schedule.rule_text import parse


@pytest.mark.parametrize(
    ("rule", "problem"),
    [
        ("FREQ=SECONDLY;COUNT=5", "too often"),
        ("FREQ=MINUTELY;COUNT=5", "too often"),
        ("FREQ=HOURLY;COUNT=5", "too often"),
        ("FREQ=FORTNIGHTLY;COUNT=5", "FREQ must be"),
        ("COUNT=5;INTERVAL=1", "needs FREQ"),
        ("FREQ=DAILY;INTERVAL=2", "must end"),
        ("FREQ=DAILY;COUNT=5;UNTIL=20261218", "not both"),
        ("FREQ=DAILY;COUNT=0", "COUNT must be"),
        ("FREQ=DAILY;COUNT=-1", "COUNT must be"),
        ("FREQ=DAILY;COUNT=401", "COUNT must be"),
        ("FREQ=DAILY;COUNT=1000000000", "COUNT must be"),
        ("FREQ=DAILY;COUNT=" + "9" * 400, "COUNT must be"),
        ("FREQ=DAILY;COUNT=٣", "COUNT must be"),
        ("FREQ=DAILY;COUNT=1_0", "COUNT must be"),
        ("FREQ=DAILY;COUNT= 3", "COUNT must be"),
        ("FREQ=DAILY;INTERVAL=0;COUNT=5", "INTERVAL must be"),
        ("FREQ=DAILY;INTERVAL=1000000000;COUNT=5", "INTERVAL must be"),
        ("FREQ=DAILY;FREQ=DAILY;COUNT=5", "only once"),
        ("FREQ=DAILY;COUNT=5;COUNT=6", "only once"),
        ("FREQ=DAILY;COUNT", "parts such as"),
        ("FREQ=DAILY;;COUNT=5", "parts such as"),
        ("FREQ=DAILY;COUNT=", "parts such as"),
        ("FREQ=DAILY;X-SECRET=1;COUNT=5", "not known"),
        ("FREQ=DAILY;BYEASTER=0;COUNT=5", "not known"),
        ("FREQ=DAILY;BYHOUR=9,10;COUNT=5", "BYHOUR is not for classes"),
        ("FREQ=DAILY;BYMINUTE=0;COUNT=5", "BYMINUTE is not for classes"),
        ("FREQ=DAILY;BYSECOND=0;COUNT=5", "BYSECOND is not for classes"),
        ("FREQ=DAILY;BYDAY=1MO;COUNT=5", "days with a number"),
        ("FREQ=WEEKLY;BYDAY=1MO;COUNT=5", "days with a number"),
        ("FREQ=WEEKLY;BYDAY=XX;COUNT=5", "BYDAY must be"),
        ("FREQ=MONTHLY;BYDAY=0MO;COUNT=5", "BYDAY must be"),
        ("FREQ=MONTHLY;BYDAY=6MO;COUNT=5", "at most five"),
        ("FREQ=MONTHLY;BYDAY=99MO;COUNT=5", "BYDAY must be"),
        ("FREQ=WEEKLY;BYMONTHDAY=1;COUNT=5", "BYMONTHDAY"),
        ("FREQ=MONTHLY;BYMONTHDAY=32;COUNT=5", "BYMONTHDAY must be"),
        ("FREQ=MONTHLY;BYMONTHDAY=0;COUNT=5", "BYMONTHDAY must be"),
        ("FREQ=YEARLY;BYMONTH=-1;COUNT=5", "BYMONTH must be"),
        ("FREQ=YEARLY;BYMONTH=13;COUNT=5", "BYMONTH must be"),
        ("FREQ=MONTHLY;BYYEARDAY=1;COUNT=5", "BYYEARDAY is for"),
        ("FREQ=MONTHLY;BYWEEKNO=1;BYDAY=MO;COUNT=5", "BYWEEKNO is for"),
        ("FREQ=YEARLY;BYWEEKNO=1;COUNT=5", "BYWEEKNO needs"),
        ("FREQ=YEARLY;BYWEEKNO=1;BYDAY=1MO;COUNT=5", "do not go with BYWEEKNO"),
        ("FREQ=MONTHLY;BYSETPOS=1;COUNT=5", "BYSETPOS needs"),
        ("FREQ=WEEKLY;WKST=XX;COUNT=5", "WKST must be"),
        ("FREQ=DAILY;UNTIL=2026", "UNTIL must be"),
        ("FREQ=DAILY;UNTIL=20261318", "UNTIL must be"),
        ("FREQ=DAILY;UNTIL=20260230", "UNTIL must be"),
        ("FREQ=DAILY;UNTIL=00000101", "UNTIL must be"),
        ("FREQ=DAILY;UNTIL=99991231T235959Z", "between the years"),
        ("FREQ=DAILY;UNTIL=20261218T250000", "UNTIL must be"),
        ("FREQ=DAILY;UNTIL=20261218T0900", "UNTIL must be"),
        ("FREQ=DAILY;UNTIL=2026-12-18", "UNTIL must be"),
        ("FREQ=DAILY;UNTIL=20261218T090000+0100", "UNTIL must be"),
        ("DTSTART:20260101T000000\nRRULE:FREQ=DAILY;COUNT=5", "needs FREQ|parts such as|not known"),
    ],
)
def test_what_is_no_rule_is_refused(rule: str, problem: str) -> None:
    with pytest.raises(InvalidInput, match=problem) as refused:
        parse(rule, "Europe/Paris")
    assert list(refused.value.fields) == ["rule"]


@settings(max_examples=100, deadline=None)
@given(st.one_of(st.text(max_size=60), st.text("FREQ=DAILYWKYCOUNTUBM;,-0123456789Z ", max_size=60)))
def test_any_text_is_a_rule_or_refused(text: str) -> None:
    try:
        rule = parse(text, "Europe/Paris")
    except InvalidInput:
        return
    assert (rule.count is None) != (rule.until is None)


def test_until_is_told_by_the_clocks_of_the_zone() -> None:
    in_utc = parse("FREQ=DAILY;UNTIL=20261218T080000Z", "America/Santiago")
    assert str(in_utc.until) == "2026-12-18 05:00:00"
    whole_day = parse("FREQ=DAILY;UNTIL=20261218", "America/Santiago")
    assert str(whole_day.until) == "2026-12-18 23:59:59"
