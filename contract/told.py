"""What a person is told of a setting, beside its type; read by the server's settings and their documentation."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Told:
    """`wish` ends the sentence "NAME must be …"."""

    wish: str
    default: str | None = None
    """In words, where the default depends on other settings."""
