"""Zoom, through its REST API and webhooks."""

from urllib.parse import urlsplit

from meetings.provider import MeetingProvider
from meetings.providers.surroundings import Surroundings
from meetings.providers.zoom.adapter import ZoomProvider
from meetings.providers.zoom.client import ZoomClient
from meetings.providers.zoom.settings import ZoomSettings
from meetings.providers.zoom.tokens import Account, Tokens
from meetings.providers.zoom.webhooks import ZoomWebhooks

_NEEDED = ("zoom_account_id", "zoom_client_id", "zoom_client_secret")


def build(settings: ZoomSettings, surroundings: Surroundings) -> MeetingProvider | None:
    """None: not configured. Raises ValueError, naming what is missing, when it is configured by half."""
    account_id, client_id = settings.zoom_account_id, settings.zoom_client_id
    secret = settings.zoom_client_secret
    if account_id is None or client_id is None or secret is None:
        missing = [f"HOMEROOM_{name.upper()}" for name in _NEEDED if getattr(settings, name) is None]
        if len(missing) == len(_NEEDED):
            return None
        raise ValueError(f"{missing[0]} is needed too for Zoom")
    session, clock = surroundings.session, surroundings.clock
    tokens = Tokens(Account(account_id, client_id, secret), settings.zoom_oauth_url, session, clock)
    has_version = bool(urlsplit(settings.zoom_api_url).path.strip("/"))
    api = settings.zoom_api_url if has_version else f"{settings.zoom_api_url}/v2"
    client = ZoomClient(api, tokens, session, clock)
    webhooks = ZoomWebhooks(settings.zoom_webhook_secret)
    return ZoomProvider(client, surroundings.memory("zoom"), clock, webhooks, api)
