"""Notifications with their content, which Graph encrypts for our certificate.

Source: Graph v1.0, "Set up change notifications that include resource data": a symmetric key, sealed with RSA-OAEP (SHA-1), its
HMAC-SHA256 over the content, and the content itself in AES-CBC with the key's first 16 bytes as its start.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, padding, serialization
from cryptography.hazmat.primitives.asymmetric import padding as sealing
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.x509.oid import NameOID

_BLOCK: Final = 16
_LASTS: Final = timedelta(days=3650)


class CannotOpen(ValueError):
    """It was not sealed for us, or was altered."""


@dataclass(frozen=True)
class Seal:
    """A certificate of our own and its key."""

    certificate: x509.Certificate
    key: rsa.RSAPrivateKey

    @property
    def name(self) -> str:
        """The id that Graph repeats with each notification."""
        return self.certificate.fingerprint(hashes.SHA256()).hex()[:40]

    @property
    def public(self) -> str:
        """As a subscription wants it: DER in base64."""
        return base64.b64encode(self.certificate.public_bytes(serialization.Encoding.DER)).decode()

    def kept(self) -> str:
        """As text, with the private key."""
        key = self.key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        return (key + self.certificate.public_bytes(serialization.Encoding.PEM)).decode()

    def open(self, content: Mapping[str, Any]) -> Any:
        """The resource in `encryptedContent`. Raises CannotOpen."""
        try:
            key = self.key.decrypt(
                base64.b64decode(content["dataKey"]),
                sealing.OAEP(sealing.MGF1(hashes.SHA1()), hashes.SHA1(), None),  # noqa: S303  # as Graph seals
            )
            data = base64.b64decode(content["data"])
            signature = base64.b64decode(content["dataSignature"])
            if not hmac.compare_digest(hmac.new(key, data, hashlib.sha256).digest(), signature):
                raise CannotOpen("the signature of the content is wrong")
            decryptor = Cipher(algorithms.AES(key), modes.CBC(key[:_BLOCK])).decryptor()
            padded = decryptor.update(data) + decryptor.finalize()
            unpadder = padding.PKCS7(_BLOCK * 8).unpadder()
            return json.loads(unpadder.update(padded) + unpadder.finalize())
        except CannotOpen:
            raise
        except (KeyError, TypeError, ValueError) as error:
            raise CannotOpen(type(error).__name__) from None


def new_seal(now: datetime) -> Seal:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Homeroom notifications")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + _LASTS)
        .sign(key, hashes.SHA256())
    )
    return Seal(certificate, key)


def read_seal(text: str) -> Seal:
    """What `Seal.kept` wrote."""
    raw = text.encode()
    key = serialization.load_pem_private_key(raw, None)
    if not isinstance(key, rsa.RSAPrivateKey):
        raise TypeError("the key of the notifications is no RSA key")
    return Seal(x509.load_pem_x509_certificate(raw), key)
