"""The settings of all providers together."""

from meetings.providers.jaas.settings import JaasSettings
from meetings.providers.jitsi.settings import JitsiSettings
from meetings.providers.teams.settings import TeamsSettings
from meetings.providers.zoom.settings import ZoomSettings


class ProviderSettings(ZoomSettings, TeamsSettings, JitsiSettings, JaasSettings):
    """What `server.settings.Settings` inherits."""
