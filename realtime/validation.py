"""Pydantic's complaints as a refusal in our own words: which field, what is wrong, and never what was sent."""

from collections.abc import Sequence
from typing import Final

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from contract.errors import InvalidInput

WHOLE: Final = "$"
"""Stands for the whole payload where the complaint is about no single field."""

_MAX_FIELDS = 20
_MAX_PATH = 120

_SENTENCES = {
    "extra_forbidden": "is not known here",
    "missing": "is required",
    "model_type": "must be an object",
    "model_attributes_type": "must be an object",
    "dict_type": "must be an object",
}
"""Where pydantic's own words are about Python rather than JSON."""


def invalid_input(error: ValidationError) -> InvalidInput:
    """A refusal that names at most 20 offending fields ("rooms.3.epoch"); input values never appear in it."""
    complaints = error.errors(include_url=False, include_context=True, include_input=False)
    fields: dict[str, str] = {}
    for complaint in complaints[:_MAX_FIELDS]:
        fields.setdefault(path(complaint["loc"]), _sentence(complaint))
    first, problem = next(iter(fields.items()))
    message = f"{first}: {problem}" if first != WHOLE else problem
    return InvalidInput(f"{message}.", fields=fields)


def path(parts: Sequence[str | int]) -> str:
    """The path of a field. Keys are chosen by the sender, so they are cut and kept to what can be printed."""
    text = ".".join(str(part) for part in parts)
    printable = "".join(
        character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text
    )
    return printable[:_MAX_PATH] or WHOLE


def _sentence(complaint: ErrorDetails) -> str:
    known = _SENTENCES.get(complaint["type"])
    if known is not None:
        return known
    if complaint["type"] == "value_error":
        return str(complaint.get("ctx", {}).get("error", "is not acceptable"))
    return complaint["msg"].replace("Input should", "should", 1).replace("String should", "should", 1)
