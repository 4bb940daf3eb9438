"""A Jitsi Meet of one's own."""

from meetings.providers.jitsi.provider import build

__all__ = ["build"]
