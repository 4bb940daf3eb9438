"""JSON by orjson, and by the standard library for the few values that orjson refuses and Socket.IO allows."""

import json
import math
from collections.abc import Callable
from typing import Any, NoReturn

import orjson

OPTIONS = orjson.OPT_PASSTHROUGH_DATACLASS | orjson.OPT_PASSTHROUGH_DATETIME


def refuse(value: object) -> NoReturn:
    """What an encoder calls with what is no JSON."""
    raise TypeError(f"{type(value).__name__} is not JSON")


def encode(value: object, default: Callable[[Any], Any] = refuse) -> bytes:
    """`default` is asked about what is not JSON. Raises TypeError or ValueError.

    NaN and the infinities become null, as in JavaScript's JSON.stringify.
    """
    try:
        return orjson.dumps(value, default, OPTIONS)
    except TypeError:
        # Keys that are no strings, integers of more than 64 bits, lone surrogates, deep nesting.
        return (
            json.JSONEncoder(separators=(",", ":"), allow_nan=False, default=default).encode(value).encode()
        )


def decode(text: str) -> Any:
    """Raises ValueError for what RFC 8259 does not allow, and for numbers out of a double's range."""
    try:
        return orjson.loads(text)
    except ValueError:
        if "\\u" not in text:
            raise
        return _SLOW.decode(text)  # a lone surrogate may be escaped in JSON


def _refuse_constant(_name: str) -> NoReturn:
    raise ValueError("not a JSON number")


def _finite(literal: str) -> float:
    number = float(literal)
    if not math.isfinite(number):
        raise ValueError("number out of range")
    return number


_SLOW = json.JSONDecoder(parse_constant=_refuse_constant, parse_float=_finite)
