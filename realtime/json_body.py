"""A JSON request body, read as strictly as the wire contract asks (RFC 8259, RFC 7493), within bounds."""

import json
from collections.abc import Sequence
from typing import Final

from aiohttp import web

from contract.base import MAX_INTEGER
from contract.errors import DomainError, ErrorCode, InvalidInput, PayloadTooLarge

MAX_BODY: Final = 256 * 1024
"""Bytes of a request body. The longest message takes 96,000 of them when every character is escaped."""

MAX_DEPTH: Final = 32
"""Objects and arrays inside one another; the contract needs five."""


async def read_json(request: web.Request) -> object:
    """The value in the body.

    Raises InvalidInput, PayloadTooLarge, or unsupported_media_type. No exception carries any of the body.
    """
    _check_headers(request)
    if request.content_length is not None and request.content_length > MAX_BODY:
        raise _too_large()
    raw = await request.read()  # under the server's deadline for bodies
    if len(raw) > MAX_BODY:
        raise _too_large()
    return parse_json(raw)


def parse_json(raw: bytes) -> object:
    """UTF-8 without NaN, Infinity, members that stand twice or deep nesting.

    Halves of surrogate pairs in texts are for the models to refuse, which can name the field.
    """
    try:
        value = json.loads(
            raw.decode("utf-8"), object_pairs_hook=_members, parse_constant=_no_constant, parse_float=_number
        )
        _check_depth(value)
    except RecursionError:
        raise InvalidInput("The body is nested too deeply.") from None
    except UnicodeError:
        raise InvalidInput("The body holds text that is not Unicode.") from None
    except ValueError:
        raise InvalidInput("The body is not JSON with every member once.") from None
    return value


def _check_headers(request: web.Request) -> None:
    if request.content_type != "application/json" or "Content-Type" not in request.headers:
        raise unsupported("The body must be sent as application/json.")
    if (request.charset or "utf-8").lower() not in {"utf-8", "utf8"}:
        raise unsupported("The body must be encoded in UTF-8.")
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise unsupported("The body must not be compressed.")


def unsupported(message: str) -> DomainError:
    """415, as a refusal."""
    return DomainError(message, code=ErrorCode.UNSUPPORTED_MEDIA_TYPE)


def _too_large() -> PayloadTooLarge:
    return PayloadTooLarge(f"The body may have at most {MAX_BODY} bytes.")


def _check_depth(value: object) -> None:
    """Without recursion itself. Raises RecursionError."""
    waiting: list[tuple[object, int]] = [(value, 1)]
    while waiting:
        item, depth = waiting.pop()
        if isinstance(item, dict | list):
            if depth > MAX_DEPTH:
                raise RecursionError
            inside = item.values() if isinstance(item, dict) else item
            waiting.extend((part, depth + 1) for part in inside)


def _members(pairs: Sequence[tuple[str, object]]) -> dict[str, object]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("duplicate member")
    return members


def _number(text: str) -> float | int:
    """`2.0` is the integer 2, as in JavaScript and in JSON Schema (2020-12, section 6.1.1)."""
    number = float(text)
    return int(number) if number.is_integer() and abs(number) <= MAX_INTEGER else number


def _no_constant(name: str) -> object:
    raise ValueError(f"{name} is not JSON")
