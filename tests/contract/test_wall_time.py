"""What is taken for a wall time, and what is not."""

import pytest
from pydantic import ValidationError

from contract.schedule import Schedule


def schedule(starts: object) -> Schedule:
    return Schedule.model_validate({"starts": starts, "zone": "Europe/Paris", "minutes": 60})


@pytest.mark.parametrize("starts", ["2026-11-24T09:00", "2026-11-24T09:00:00"])
def test_a_wall_time_is_a_date_and_a_time(starts: str) -> None:
    assert schedule(starts).model_dump(mode="json")["starts"] == "2026-11-24T09:00"


@pytest.mark.parametrize(
    "starts",
    [
        "2026-11-24",
        " 2026-11-24 ",
        "2026-11-24T09:00Z",
        "2026-11-24T09:00+01:00",
        "2026-11-24T09:00:30",
        "20261124T0900",
        1795354890,
        "1795354890",
        True,
        None,
    ],
)
def test_anything_else_is_refused(starts: object) -> None:
    with pytest.raises(ValidationError):
        schedule(starts)
