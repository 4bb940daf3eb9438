"""Jitsi as a Service, by 8x8."""

from meetings.providers.jaas.provider import build

__all__ = ["build"]
