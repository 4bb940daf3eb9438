"""Combinations of settings that must not serve: each would be open to attack, or lose what was promised.

Single values are checked where they are read, in `server.settings`; here is what only the whole picture tells.
"""

from collections.abc import Iterator
from urllib.parse import urlsplit

from server.settings import Settings, SettingsError
from server.settings_values import ANY_ORIGIN, is_loopback


def refuse_unsafe(settings: Settings) -> None:
    """Raises SettingsError with a sentence for each danger."""
    sentences = dangers(settings)
    if sentences:
        raise SettingsError(sentences)


def dangers(settings: Settings) -> list[str]:
    """Why the server must not start like this; empty when it may."""
    return [*_always(settings), *(_in_development(settings) if settings.dev else _in_production(settings))]


def warnings(settings: Settings) -> list[str]:
    """What is allowed, and worth a line in the log at each start."""
    if settings.limits:
        return []
    return ["HOMEROOM_LIMITS is off: nothing holds back a client that floods the server."]


def _always(settings: Settings) -> Iterator[str]:
    if settings.redis is not None and settings.database_file is not None:
        yield (
            "HOMEROOM_REDIS_URL joins several nodes, and several nodes cannot share an SQLite database: "
            "set HOMEROOM_DATABASE_URL to a postgresql:// address, or remove HOMEROOM_REDIS_URL."
        )
    if ANY_ORIGIN in settings.frame_ancestors:
        yield "HOMEROOM_FRAME_ANCESTORS must list the LMS's origins instead of *: any page could frame Homeroom."
    yield from _about_mail(settings)


def _in_development(settings: Settings) -> Iterator[str]:
    if not is_loopback(settings.host):
        yield (
            "HOMEROOM_DEV lets everybody sign in as anybody, so HOMEROOM_HOST must be 127.0.0.1, ::1 or localhost: "
            "change it, or remove HOMEROOM_DEV."
        )


def _in_production(settings: Settings) -> Iterator[str]:
    if settings.jwt_secret is None and settings.jwt_jwks_url is None:
        yield (
            "Nobody could sign in: set HOMEROOM_JWT_SECRET (make one with: openssl rand -base64 48) "
            "or HOMEROOM_JWT_JWKS_URL. To try Homeroom out, set HOMEROOM_DEV=1."
        )
    if ANY_ORIGIN in settings.allowed_origins:
        yield (
            "HOMEROOM_ALLOWED_ORIGINS must list origins such as https://school.example instead of *: "
            "any web page could connect in its visitor's browser."
        )
    if settings.jwt_jwks_url is not None and _is_open_http(settings.jwt_jwks_url):
        yield (
            "HOMEROOM_JWT_JWKS_URL must begin with https://: over plain http, anybody on the way could put in keys "
            "of their own (http is accepted for this machine's own addresses)."
        )
    if settings.redis is not None and _is_open_redis(settings.redis):
        yield (
            "HOMEROOM_REDIS_URL needs a password for a Redis on another machine, as in "
            "redis://:password@redis.example:6379."
        )
    if settings.turn_urls and settings.turn_secret is None:
        yield (
            "HOMEROOM_TURN_URLS needs HOMEROOM_TURN_SECRET, or nobody could use the TURN server "
            "(make one with: openssl rand -base64 32, and put it into turnserver.conf with: homeroom turn-config)."
        )
    if any(network.prefixlen == 0 for network in settings.trusted_proxies):
        yield (
            "HOMEROOM_TRUSTED_PROXIES must name your proxies instead of every address: "
            "anybody could pretend to come from anywhere."
        )


def _about_mail(settings: Settings) -> Iterator[str]:
    if settings.smtp_url is None:
        return
    if settings.mail_from is None:
        yield "HOMEROOM_SMTP_URL needs HOMEROOM_MAIL_FROM, the address that mails come from."
    if settings.public_url is None and not settings.dev:
        yield "HOMEROOM_SMTP_URL needs HOMEROOM_PUBLIC_URL, or links in mails would lead nowhere."


def _is_open_http(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme == "http" and not is_loopback(parts.hostname)


def _is_open_redis(url: str) -> bool:
    parts = urlsplit(url)
    return not parts.password and "password=" not in parts.query and not is_loopback(parts.hostname)
