"""Keys and what each may be used for. A key knows its one algorithm; a token's header cannot change it.

RFC 8725 section 3.1: each key is used with exactly one algorithm. A public key is never an HMAC key here because
HMAC keys are made from the configured secret alone, and key sets never yield one.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicNumbers
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicNumbers
from jwt.algorithms import ECAlgorithm, HMACAlgorithm, OKPAlgorithm, RSAAlgorithm
from jwt.exceptions import InvalidKeyError

from auth.envelope import decode_base64url
from auth.json_object import parse_object

SHORTEST_SECRET = 32
"""Octets: as long as HS256's hash (RFC 7518 section 3.2)."""

MOST_KEYS = 50
_RSA_BITS = range(2048, 8193)
"""RFC 7518 section 3.3 from below; from above, so that one signature cannot cost seconds."""

_PLAIN_KEY_ID = re.compile(r"[A-Za-z0-9._:=-]{1,128}")


class Algorithm(StrEnum):
    """The closed list (RFC 7518 section 3.1, RFC 8037). Compared exactly: "none" in any spelling is not in it."""

    HS256 = "HS256"
    RS256 = "RS256"
    ES256 = "ES256"
    EDDSA = "EdDSA"


ASYMMETRIC = (Algorithm.RS256, Algorithm.ES256, Algorithm.EDDSA)


@dataclass(frozen=True)
class VerifyingKey:
    """`check(signed, signature)` tells whether the signature is this key's, with its `algorithm` alone."""

    algorithm: Algorithm
    key_id: str | None
    check: Callable[[bytes, bytes], bool]


class KeySource(Protocol):
    """Where the keys of some algorithms come from."""

    async def keys_for(self, algorithm: Algorithm, key_id: str | None) -> Sequence[VerifyingKey]:
        """The keys that may have signed such a token; all of that algorithm when the token names none.

        Raises Unavailable when the keys cannot be had at the moment.
        """


class SharedSecret:
    """The secret that an LMS and this server share, for HS256 and nothing else.

    Raises ValueError at construction for a secret shorter than 32 octets and for one that is a public key or a
    certificate: such a "secret" is known to everybody.
    """

    def __init__(self, secret: bytes) -> None:
        if len(secret) < SHORTEST_SECRET:
            raise ValueError(f"the shared secret must have at least {SHORTEST_SECRET} bytes")
        hmac = HMACAlgorithm(HMACAlgorithm.SHA256)
        if not _is_secret(hmac, secret):
            raise ValueError("the shared secret is a key or certificate; use random bytes, or a JWKS URL")
        self._key = VerifyingKey(Algorithm.HS256, None, lambda signed, mac: hmac.verify(signed, secret, mac))

    async def keys_for(self, algorithm: Algorithm, key_id: str | None) -> Sequence[VerifyingKey]:
        """The one key. A `kid` selects nothing here, and is let pass only if it looks like a name."""
        if algorithm is not Algorithm.HS256 or (key_id is not None and not _PLAIN_KEY_ID.fullmatch(key_id)):
            return ()
        return (self._key,)


def _is_secret(hmac: HMACAlgorithm, secret: bytes) -> bool:
    try:
        hmac.prepare_key(secret)
    except InvalidKeyError:
        return False
    return True


def read_key_set(raw: bytes) -> tuple[VerifyingKey, ...] | None:
    """The usable keys of a JWK Set (RFC 7517 section 5), or None when `raw` is none.

    Keys we cannot or must not use are left out: other types, curves and uses, short RSA keys, symmetric and private
    keys. Of the entries, the first 50 are read.
    """
    document = parse_object(raw)
    entries = document.get("keys") if document is not None else None
    if not isinstance(entries, list):
        return None
    keys = (_read_key(entry) for entry in entries[:MOST_KEYS] if isinstance(entry, dict))
    return tuple(key for key in keys if key is not None)


def _read_key(jwk: dict[str, object]) -> VerifyingKey | None:
    if "d" in jwk or "k" in jwk or not _may_verify(jwk):
        return None  # a private or symmetric key that was published is nobody's secret any more
    key_id = jwk.get("kid")
    if key_id is not None and not isinstance(key_id, str):
        return None
    made = _make_check(jwk)
    if made is None or jwk.get("alg", made[0]) != made[0]:
        return None
    return VerifyingKey(made[0], key_id, made[1])


def _may_verify(jwk: dict[str, object]) -> bool:
    """RFC 7517 sections 4.2 and 4.3: both members are optional, and binding when there."""
    operations = jwk.get("key_ops", ["verify"])
    return jwk.get("use", "sig") == "sig" and isinstance(operations, list) and "verify" in operations


def _make_check(jwk: dict[str, object]) -> tuple[Algorithm, Callable[[bytes, bytes], bool]] | None:
    try:
        match jwk.get("kty"), jwk.get("crv"):
            case "RSA", _:
                return Algorithm.RS256, _rsa_check(_octets(jwk, "n"), _octets(jwk, "e"))
            case "EC", "P-256":
                return Algorithm.ES256, _p256_check(_octets(jwk, "x"), _octets(jwk, "y"))
            case "OKP", "Ed25519":
                return Algorithm.EDDSA, _ed25519_check(_octets(jwk, "x"))
    except ValueError:
        pass  # numbers that are no key of that type: the same as an unknown type
    return None


def _octets(jwk: dict[str, object], member: str) -> bytes:
    value = jwk.get(member)
    octets = decode_base64url(value) if isinstance(value, str) else None
    if not octets:
        raise ValueError(member)
    return octets


def _rsa_check(modulus: bytes, exponent: bytes) -> Callable[[bytes, bytes], bool]:
    n, e = int.from_bytes(modulus), int.from_bytes(exponent)
    if n.bit_length() not in _RSA_BITS or e < 3 or e.bit_length() > 64:
        raise ValueError("n or e")
    key = RSAPublicNumbers(e, n).public_key()
    rsa = RSAAlgorithm(RSAAlgorithm.SHA256)
    return lambda signed, signature: rsa.verify(signed, key, signature)


def _p256_check(x: bytes, y: bytes) -> Callable[[bytes, bytes], bool]:
    """Raises ValueError for a point that is not on the curve (RFC 8725 section 3.4)."""
    if len(x) != 32 or len(y) != 32:
        raise ValueError("x or y")
    key = EllipticCurvePublicNumbers(int.from_bytes(x), int.from_bytes(y), SECP256R1()).public_key()
    ecdsa = ECAlgorithm(ECAlgorithm.SHA256, SECP256R1)
    return lambda signed, signature: ecdsa.verify(signed, key, signature)


def _ed25519_check(x: bytes) -> Callable[[bytes, bytes], bool]:
    key = Ed25519PublicKey.from_public_bytes(x)
    eddsa = OKPAlgorithm()
    return lambda signed, signature: eddsa.verify(signed, key, signature)
