"""The providers that are configured, by name. `builtin` is always there."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from importlib import import_module
from typing import Final

from contract.errors import InvalidInput
from meetings.provider import MeetingProvider
from meetings.providers.settings import ProviderSettings
from meetings.providers.surroundings import Surroundings

BUILTIN: Final = "builtin"
"""Held in our own room: nothing has to be made anywhere."""

PACKAGES: Final = (BUILTIN, "jitsi", "jaas", "zoom", "teams")
"""Each has `build(settings, surroundings) -> MeetingProvider | None`; in the order in which they are offered."""

Build = Callable[[ProviderSettings, Surroundings], MeetingProvider | None]


class Providers:
    """What is configured. Names come from people, so an unknown one is theirs to mend."""

    def __init__(self, providers: Iterable[MeetingProvider]) -> None:
        self._by_name: Mapping[str, MeetingProvider] = {one.name: one for one in providers}

    def get(self, name: str) -> MeetingProvider:
        """Raises InvalidInput naming `provider`."""
        found = self._by_name.get(name)
        if found is None:
            raise InvalidInput.of("provider", f"must be one of {', '.join(self._by_name)}")
        return found

    def known(self, name: str) -> bool:
        return name in self._by_name

    def all(self) -> Sequence[MeetingProvider]:
        return tuple(self._by_name.values())

    def healthy(self, name: str) -> bool:
        """Whether calls to it succeed, as far as this node knows."""
        return self.known(name)

    async def close(self) -> None:
        for provider in self._by_name.values():
            await provider.close()


def build_providers(settings: ProviderSettings, surroundings: Surroundings) -> Providers:
    """All that the settings turn on.

    Raises:
        ValueError: one is configured by half; the text names the missing setting.
    """
    found = []
    for package in PACKAGES:
        build: Build | None = getattr(import_module(f"meetings.providers.{package}"), "build", None)
        provider = build(settings, surroundings) if build is not None else None
        if provider is not None:
            found.append(provider)
    return Providers(found)
