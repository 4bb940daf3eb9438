"""Tokens of Jitsi as a Service (developer.8x8.com/jaas, "The Jitsi JSON Web Token"): for one person, one room and some minutes."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import jwt
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from meetings.provider import Person
from meetings.providers.jitsi.tokens import times, user_claims

_LONGEST_KEY_FILE = 64 * 1024
_RSA_BITS = 2048


@dataclass(frozen=True)
class Signer:
    """`key_id` is the full `kid`: the AppID, a slash, and the id of the API key."""

    app_id: str
    key_id: str
    key: RSAPrivateKey

    def sign(self, room: str, person: Person, now: datetime) -> str:
        """A token that opens this room alone. `aud` and `iss` are the same for everybody."""
        claims = {
            "aud": "jitsi",
            "iss": "chat",
            "sub": self.app_id,
            "room": room,
            **times(now),
            "context": {
                "user": _user(person),
                "features": _features(person),
                "room": {"regex": False},
            },
        }
        return jwt.encode(claims, self.key, algorithm="RS256", headers={"kid": self.key_id})


def key_id_of(app_id: str, told: str) -> str:
    """The `kid`, from all of it or from what follows its slash.

    Raises:
        ValueError: it is the key of another app.
    """
    head, slash, _ = told.rpartition("/")
    if slash and head != app_id:
        raise ValueError("HOMEROOM_JAAS_KEY_ID must be a key of the app in HOMEROOM_JAAS_APP_ID.")
    return told if slash else f"{app_id}/{told}"


def read_key(file: Path) -> RSAPrivateKey:
    """Raises ValueError, naming the setting and never the contents."""
    try:
        pem = file.read_bytes()[:_LONGEST_KEY_FILE]
    except OSError:
        raise ValueError(
            "HOMEROOM_JAAS_PRIVATE_KEY_FILE cannot be read: see its path and permissions."
        ) from None
    try:
        key = load_pem_private_key(pem, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise ValueError(
            "HOMEROOM_JAAS_PRIVATE_KEY_FILE must hold a private key in PEM, without a password."
        ) from None
    if not isinstance(key, RSAPrivateKey) or key.key_size < _RSA_BITS:
        raise ValueError(f"HOMEROOM_JAAS_PRIVATE_KEY_FILE must hold an RSA key of at least {_RSA_BITS} bits.")
    return key


def _user(person: Person) -> Mapping[str, str | bool]:
    """Whoever is not said to be a moderator is none here."""
    return {**user_claims(person), "moderator": "true" if person.staff else False}


def _features(person: Person) -> Mapping[str, bool]:
    """Only moderators can use them."""
    return {
        "recording": person.staff,
        "transcription": person.staff,
        "livestreaming": False,
        "outbound-call": False,
        "sip-outbound-call": False,
        "file-upload": person.staff,
    }
