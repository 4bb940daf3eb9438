"""What every provider is built with, besides its settings."""

from collections.abc import Callable
from dataclasses import dataclass

import aiohttp

from contract.clock import Clock
from meetings.provider import Lookup, ProviderMemory


@dataclass(frozen=True)
class Surroundings:
    """`session` is called when a request is made, not before: a session belongs to the running loop."""

    clock: Clock
    memory: Callable[[str], ProviderMemory]
    """By the provider's name."""
    lookup: Lookup
    public_url: str
    """Under which people and providers reach this server; without a slash at its end."""
    session: Callable[[], aiohttp.ClientSession]
