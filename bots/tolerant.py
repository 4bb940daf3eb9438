"""Reading what a newer server says: fields that this version does not know are left out, as the protocol asks."""

from collections.abc import Mapping
from copy import deepcopy
from typing import Any, TypeVar

from pydantic import ValidationError

from contract.base import WireModel

M = TypeVar("M", bound=WireModel)


def read(model: type[M], data: object) -> M:
    """`data` as a `model`, without the fields that it does not have. Raises pydantic.ValidationError."""
    try:
        return model.model_validate(data)
    except ValidationError as error:
        unknown = [problem["loc"] for problem in error.errors() if problem["type"] == "extra_forbidden"]
        if not unknown:
            raise
        return model.model_validate(_without(data, unknown))


def _without(data: object, paths: list[tuple[int | str, ...]]) -> object:
    pruned = deepcopy(data)
    for path in paths:
        place: Any = pruned
        for step in path[:-1]:
            place = place[step]
        if isinstance(place, Mapping):
            place.pop(path[-1], None)  # type: ignore[attr-defined]  # JSON objects arrive as dicts
    return pruned
