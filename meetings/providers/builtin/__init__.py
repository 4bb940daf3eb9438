"""Classes held in our own room."""

from meetings.providers.builtin.provider import BuiltinProvider
from meetings.providers.settings import ProviderSettings
from meetings.providers.surroundings import Surroundings


def build(settings: ProviderSettings, surroundings: Surroundings) -> BuiltinProvider:
    """It needs no settings."""
    return BuiltinProvider()
