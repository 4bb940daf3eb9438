"""Refusals of this folder that differ from `Unauthorized` in more than their sentence."""

from contract.errors import Unauthorized


class NoCredentials(Unauthorized):
    """Nobody tried to sign in: no token was sent at all (RFC 6750 section 3.1 words the answer differently)."""

    def __init__(self) -> None:
        super().__init__("Sign in first: send a token.")
