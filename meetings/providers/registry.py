"""The providers that are configured, by name. `builtin` is always there."""

import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from importlib import import_module
from typing import Final

from contract.clock import Clock, SystemClock
from contract.errors import InvalidInput
from meetings.provider import MeetingProvider
from meetings.providers.breaker import Breaker
from meetings.providers.guard import Guarded, ProviderObserver
from meetings.providers.settings import ProviderSettings
from meetings.providers.surroundings import Surroundings

BUILTIN: Final = "builtin"
"""Held in our own room: nothing has to be made anywhere."""

PACKAGES: Final = (BUILTIN, "jitsi", "jaas", "zoom", "teams")
"""Each has `build(settings, surroundings) -> MeetingProvider | None`; in the order in which they are offered."""

TOLD_LIVE: Final = frozenset({BUILTIN, "jitsi", "jaas"})
"""All that these know of a class they tell while it is held: afterwards there is nothing to ask them."""

Build = Callable[[ProviderSettings, Surroundings], MeetingProvider | None]


class Providers:
    """What is configured. Names come from people, so an unknown one is theirs to mend."""

    def __init__(
        self,
        providers: Iterable[MeetingProvider],
        clock: Clock | None = None,
        observer: ProviderObserver | None = None,
    ) -> None:
        clock, observer = clock or SystemClock(), observer or _Nobody()
        self._away: frozenset[str] = frozenset()
        self._by_name: Mapping[str, Guarded] = {
            one.name: Guarded(one, Breaker(clock, random.random), clock, observer) for one in providers
        }

    def get(self, name: str) -> Guarded:
        """Raises InvalidInput naming `provider`."""
        found = self._by_name.get(name)
        if found is None:
            raise InvalidInput.of("provider", f"must be one of {', '.join(self._by_name)}")
        return found

    def known(self, name: str) -> bool:
        return name in self._by_name

    def all(self) -> Sequence[Guarded]:
        return tuple(self._by_name.values())

    def healthy(self, name: str) -> bool:
        """Whether calls to it succeed, as far as this process and others know."""
        return name in self._by_name and self._by_name[name].healthy and name not in self._away

    def told_elsewhere(self, away: frozenset[str]) -> None:
        """Other processes find these to be away."""
        self._away = away

    async def close(self) -> None:
        for provider in self._by_name.values():
            await provider.close()


class _Nobody:
    def provider_called(self, provider: str, call: str, result: str, seconds: float) -> None:
        """Nobody counts."""


def build_providers(
    settings: ProviderSettings,
    surroundings: Surroundings,
    observer: ProviderObserver | None = None,
    further: Sequence[MeetingProvider] = (),
) -> Providers:
    """All that the settings turn on, and `further` ones.

    Raises:
        ValueError: one is configured by half; the text names the missing setting.
    """
    found = []
    for package in PACKAGES:
        build: Build | None = getattr(import_module(f"meetings.providers.{package}"), "build", None)
        provider = build(settings, surroundings) if build is not None else None
        if provider is not None:
            found.append(provider)
    return Providers([*found, *further], surroundings.clock, observer)
