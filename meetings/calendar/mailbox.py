"""Somebody's address."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Mailbox:
    """An address, and the name to show for it."""

    address: str
    name: str = ""
