"""JSON as a verifier must read it: UTF-8, one object, every member once, numbers that are numbers."""

import json
from collections.abc import Sequence


def parse_object(raw: bytes) -> dict[str, object] | None:
    """The object in `raw`, or None for anything else.

    None too for a member that stands twice at any depth (RFC 8725 section 2.6, RFC 7519 section 4), NaN and Infinity,
    other encodings, and nesting deeper than the parser can follow. Returns None instead of raising because the
    parser's exceptions carry the document, and these documents are secret.
    """
    try:
        value = json.loads(raw.decode("utf-8"), object_pairs_hook=_members, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _members(pairs: Sequence[tuple[str, object]]) -> dict[str, object]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("duplicate member")
    return members


def _no_constant(name: str) -> object:
    raise ValueError(f"{name} is not JSON")
