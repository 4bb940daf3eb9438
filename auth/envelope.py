"""The outside of a token: the JWS compact serialization (RFC 7515 section 7.1), read strictly.

Nothing here is trusted yet; what is decided here is only whether the token is worth a look at its signature.
"""

import base64
import binascii
import re
from dataclasses import dataclass

from auth.json_object import parse_object
from contract.errors import Unauthorized

LONGEST_TOKEN = 8 * 1024
"""Characters. A token with two hundred rooms fits; more than that belongs into the LMS, not into a token."""

_REFUSED_PARAMETERS = (
    "crit",  # extensions that must be understood: we know none (RFC 7515 section 4.1.11)
    "jku", "jwk", "x5u", "x5c",  # the sender's own keys (RFC 8725 section 3.10)
    "b64", "zip", "enc", "cty",  # other serializations, compression, encryption, a token inside the token
)  # fmt: skip
_TYPES = ("jwt", "application/jwt")
"""Explicit types of other tokens ("at+jwt", "logout+jwt", "secevent+jwt" …) are refused (RFC 8725 section 3.12)."""

_SEGMENT = re.compile(r"[A-Za-z0-9_-]*")
_KEY_ID = re.compile(r"[!-~]{1,256}")


@dataclass(frozen=True)
class Envelope:
    """`signed` is what the signature covers; `claims` are the payload's octets, not looked at yet."""

    algorithm: str
    key_id: str | None
    signed: bytes
    signature: bytes
    claims: bytes


def open_envelope(token: str) -> Envelope:
    """Raises Unauthorized, with a sentence that holds nothing of the token."""
    if len(token) > LONGEST_TOKEN:
        raise Unauthorized(f"The token is longer than {LONGEST_TOKEN} characters.")
    segments = token.split(".")
    if len(segments) != 3:
        raise Unauthorized("The token is not a signed JWT: it must have three parts.")
    header, claims, signature = (decode_base64url(segment) for segment in segments)
    if header is None or claims is None or signature is None:
        raise Unauthorized("The token is not a signed JWT: a part of it is not base64url.")
    if not signature:
        raise Unauthorized("The token has no signature.")
    algorithm, key_id = _read_header(header)
    return Envelope(algorithm, key_id, token.rpartition(".")[0].encode("ascii"), signature, claims)


def _read_header(raw: bytes) -> tuple[str, str | None]:
    header = parse_object(raw)
    if header is None:
        raise Unauthorized("The token's header is not a JSON object with every member once.")
    for name in _REFUSED_PARAMETERS:
        if name in header:
            raise Unauthorized(f"The token's header has {name}, which is not accepted here.")
    kind = header.get("typ", "JWT")
    if not isinstance(kind, str) or kind.lower() not in _TYPES:
        raise Unauthorized("The token's typ says that it is made for something else.")
    algorithm, key_id = header.get("alg"), header.get("kid")
    if not isinstance(algorithm, str):
        raise Unauthorized("The token's header names no algorithm.")
    if "kid" not in header:
        return algorithm, None
    if not isinstance(key_id, str) or not _KEY_ID.fullmatch(key_id):
        raise Unauthorized("The token's kid is not the name of a key.")
    return algorithm, key_id


def decode_base64url(segment: str) -> bytes | None:
    """The octets of unpadded base64url (RFC 7515 section 2), or None.

    None too for an encoding with stray bits at its end: each value has one spelling.
    """
    if not _SEGMENT.fullmatch(segment):
        return None
    try:
        octets = base64.urlsafe_b64decode(segment + "=" * (-len(segment) % 4))
    except binascii.Error:
        return None
    canonical = base64.urlsafe_b64encode(octets).rstrip(b"=").decode("ascii")
    return octets if canonical == segment else None
