"""Microsoft Teams, through Microsoft Graph."""

from urllib.parse import urlsplit

from meetings.provider import MeetingProvider
from meetings.providers.surroundings import Surroundings
from meetings.providers.teams.adapter import TeamsProvider
from meetings.providers.teams.client import GraphClient
from meetings.providers.teams.login import EntraTokens
from meetings.providers.teams.settings import TeamsSettings
from meetings.providers.teams.subscriptions import Subscriptions
from meetings.providers.teams.webhooks import CALLS, GraphNotifications

_NEEDED = ("teams_tenant_id", "teams_client_id", "teams_client_secret", "teams_organizer")


def build(settings: TeamsSettings, surroundings: Surroundings) -> MeetingProvider | None:
    """None: not configured. Raises ValueError, naming what is missing, when it is configured by half."""
    missing = [f"HOMEROOM_{name.upper()}" for name in _NEEDED if getattr(settings, name) is None]
    if len(missing) == len(_NEEDED):
        return None
    if missing:
        raise ValueError(f"{missing[0]} is needed too for Microsoft Teams")
    tenant, client, organizer = settings.teams_tenant_id, settings.teams_client_id, settings.teams_organizer
    secret = (
        settings.teams_client_secret.get_secret_value() if settings.teams_client_secret is not None else ""
    )
    parts = urlsplit(settings.teams_graph_url)
    base = settings.teams_graph_url if parts.path.strip("/") else f"{settings.teams_graph_url}/v1.0"
    scope = f"{parts.scheme}://{parts.netloc}/.default"
    tokens = EntraTokens(f"{settings.teams_authority_url}/{tenant}", client or "", secret, scope)
    graph = GraphClient(base, tokens, surroundings.session, surroundings.clock)
    memory = surroundings.memory("teams")
    resource = f"/users/{organizer}/events"
    follows = settings.teams_mode == "event"
    webhooks = GraphNotifications(secret, [CALLS, resource] if follows else [CALLS], memory)
    subscriptions = None
    if surroundings.public_url.startswith("https://"):  # Graph notifies https addresses alone
        subscriptions = Subscriptions(
            graph,
            memory,
            resource=resource if follows else None,
            address=f"{surroundings.public_url}/api/v1/webhooks/teams",
            secret=secret,
        )
    return TeamsProvider(graph, organizer or "", settings.teams_mode, webhooks, subscriptions)
