"""Jitsi as a Service, as far as others meet it: it reads tokens by the app's public key, and signs what it tells."""

import base64
import hashlib
import hmac
import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

Json = dict[str, Any]

APP = "vpaas-magic-cookie-c2824d584eac4489a1e32e4e164d5a3c"


class NotAllowed(Exception):
    """Somebody is not let in."""


@dataclass(frozen=True)
class FakeJaas:
    """One app with one API key."""

    key: RSAPrivateKey
    secret: str = "jaas-endpoint-secret"
    key_id: str = "4f4910"

    @classmethod
    def new(cls) -> "FakeJaas":
        return cls(generate_private_key(public_exponent=65537, key_size=2048))

    def write_key(self, file: Path) -> Path:
        """As the console's instructions have people make it."""
        file.write_bytes(self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        return file

    def admit(self, address: str, now: datetime) -> tuple[Json, Json]:
        """Opens a link as a browser would: header and claims of its token. Raises NotAllowed."""
        parts = urlsplit(address)
        app, _, room = parts.path.strip("/").partition("/")
        token = parse_qs(parts.query)["jwt"][0]
        signed, _, signature = token.rpartition(".")
        header, claims = (json.loads(_decoded(part)) for part in signed.split("."))
        self._check_signature(header, signed, signature)
        if (parts.scheme, parts.netloc, app) != ("https", "8x8.vc", APP):
            raise NotAllowed("another tenant")
        if (claims["aud"], claims["iss"], claims["sub"]) != ("jitsi", "chat", APP):
            raise NotAllowed("aud, iss or sub")
        if claims["room"] != room or room == "*":
            raise NotAllowed("room")
        if not claims["nbf"] <= now.timestamp() < claims["exp"]:
            raise NotAllowed("not valid now")
        return header, claims

    def _check_signature(self, header: Json, signed: str, signature: str) -> None:
        if (header["alg"], header["kid"]) != ("RS256", f"{APP}/{self.key_id}"):
            raise NotAllowed("alg or kid")
        try:
            self.key.public_key().verify(_decoded(signature), signed.encode(), padding.PKCS1v15(), SHA256())
        except InvalidSignature:
            raise NotAllowed("signature") from None

    def sign(self, raw: bytes, now: datetime, secret: str | None = None) -> str:
        """The header X-Jaas-Signature."""
        return signature_of(raw, int(now.timestamp()), secret or self.secret)


def signature_of(raw: bytes, stamp: int, secret: str) -> str:
    digest = hmac.new(secret.encode(), f"{stamp}.".encode() + raw, hashlib.sha256).digest()
    return f"t={stamp},v1={base64.b64encode(digest).decode()}"


def _decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
