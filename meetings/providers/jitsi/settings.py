"""The settings of a Jitsi Meet of one's own, with tokens (Prosody's `token` authentication)."""

from typing import Annotated

from pydantic import AfterValidator, BaseModel, Field, SecretStr

from contract.told import Told
from meetings.providers.addresses import parse_service_url

Url = Annotated[str, AfterValidator(parse_service_url)]


class JitsiSettings(BaseModel):
    """All of them, or none. The secret signs people's tokens, and is what the Jitsi server shows when it calls us."""

    jitsi_url: Annotated[
        Url | None, Field(description="Address of your Jitsi Meet; turns Jitsi on."), Told("an https address")
    ] = None
    jitsi_app_id: Annotated[
        Annotated[str, Field(min_length=1, max_length=200)] | None,
        Field(description="`JWT_APP_ID` of your Jitsi Meet."),
        Told("the app id"),
    ] = None
    jitsi_app_secret: Annotated[
        SecretStr | None, Field(description="`JWT_APP_SECRET` of your Jitsi Meet."), Told("the app secret")
    ] = None
