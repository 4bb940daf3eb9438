"""Tokens as an LMS, a mistake or an attacker would make them: signed here by hand, so that nothing tidies them up."""

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta
from typing import Protocol

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

ISSUER = "https://lms.example"
AUDIENCE = "homeroom"
SECRET = b"a shared secret of at least thirty-two bytes"
START = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
NOW = int(START.timestamp())


class MovableClock:
    """Both clocks stand still until they are moved."""

    def __init__(self) -> None:
        self._passed = 0.0

    def now(self) -> datetime:
        return START + timedelta(seconds=self._passed)

    def monotonic(self) -> float:
        return 1000.0 + self._passed

    def advance(self, seconds: float) -> None:
        self._passed += seconds


class Signer(Protocol):
    alg: str

    def sign(self, message: bytes) -> bytes: ...


class HmacSigner:
    def __init__(self, secret: bytes = SECRET, alg: str = "HS256", digest: str = "sha256") -> None:
        self.alg = alg
        self._secret = secret
        self._digest = digest

    def sign(self, message: bytes) -> bytes:
        return hmac.new(self._secret, message, getattr(hashlib, self._digest)).digest()


class RsaSigner:
    alg = "RS256"

    def __init__(self, bits: int = 2048) -> None:
        self.private = rsa.generate_private_key(65537, bits)

    def sign(self, message: bytes) -> bytes:
        return self.private.sign(message, padding.PKCS1v15(), hashes.SHA256())

    def jwk(self, **members: object) -> dict[str, object]:
        numbers = self.private.public_key().public_numbers()
        return {"kty": "RSA", "n": encode_number(numbers.n), "e": encode_number(numbers.e), **members}


class EcSigner:
    alg = "ES256"

    def __init__(self, curve: ec.EllipticCurve | None = None) -> None:
        self._curve = curve or ec.SECP256R1()
        self.private = ec.generate_private_key(self._curve)

    def sign(self, message: bytes) -> bytes:
        r, s = decode_dss_signature(self.private.sign(message, ec.ECDSA(hashes.SHA256())))
        size = (self._curve.key_size + 7) // 8
        return r.to_bytes(size) + s.to_bytes(size)

    def jwk(self, **members: object) -> dict[str, object]:
        numbers = self.private.public_key().public_numbers()
        size = (self._curve.key_size + 7) // 8
        name = {"secp256r1": "P-256", "secp384r1": "P-384", "secp256k1": "secp256k1"}[self._curve.name]
        x, y = (encode(number.to_bytes(size)) for number in (numbers.x, numbers.y))
        return {"kty": "EC", "crv": name, "x": x, "y": y, **members}


class EdSigner:
    alg = "EdDSA"

    def __init__(self) -> None:
        self.private = ed25519.Ed25519PrivateKey.generate()

    def sign(self, message: bytes) -> bytes:
        return self.private.sign(message)

    def jwk(self, **members: object) -> dict[str, object]:
        x = encode(self.private.public_key().public_bytes_raw())
        return {"kty": "OKP", "crv": "Ed25519", "x": x, **members}


def encode(octets: bytes) -> str:
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


def encode_number(number: int) -> str:
    return encode(number.to_bytes((number.bit_length() + 7) // 8))


ABSENT = object()


def claims(**changes: object) -> dict[str, object]:
    """Good claims, changed; what is ABSENT is left out."""
    good: dict[str, object] = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": "ada",
        "name": "Ada Lovelace",
        "role": "student",
        "exp": NOW + 3600,
        "iat": NOW,
        "jti": "token-1",
    }
    return {name: value for name, value in {**good, **changes}.items() if value is not ABSENT}


def make(
    payload: dict[str, object] | bytes | None = None,
    header: dict[str, object] | bytes | None = None,
    signer: Signer | None = None,
) -> str:
    """A token; `header` is added to `alg` and `typ` when it is a dict, and is the whole header when it is bytes."""
    signer = signer or HmacSigner()
    head = header if isinstance(header, bytes) else dump({"alg": signer.alg, "typ": "JWT", **(header or {})})
    body = payload if isinstance(payload, bytes) else dump(claims() if payload is None else payload)
    signed = f"{encode(head)}.{encode(body)}"
    return f"{signed}.{encode(signer.sign(signed.encode()))}"


def dump(value: object) -> bytes:
    return json.dumps(value).encode()
