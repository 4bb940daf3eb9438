"""The settings of Zoom: a Server-to-Server OAuth app of the account."""

from typing import Annotated

from pydantic import AfterValidator, BaseModel, Field, SecretStr

from contract.told import Told
from meetings.providers.addresses import parse_service_url

Url = Annotated[str, AfterValidator(parse_service_url)]
Word = Annotated[str, Field(min_length=1, max_length=200)]


class ZoomSettings(BaseModel):
    """All of account, client and secret, or none."""

    zoom_account_id: Annotated[
        Word | None,
        Field(
            description="Account of the Server-to-Server OAuth app; with client id and secret it turns Zoom on."
        ),
        Told("the account id of the app"),
    ] = None
    zoom_client_id: Annotated[
        Word | None,
        Field(description="Client id of the Server-to-Server OAuth app."),
        Told("the client id of the app"),
    ] = None
    zoom_client_secret: Annotated[
        SecretStr | None,
        Field(description="Client secret of the Server-to-Server OAuth app."),
        Told("the client secret of the app"),
    ] = None
    zoom_webhook_secret: Annotated[
        SecretStr | None,
        Field(
            description="Secret token of the app's event subscription. Without it all its webhooks are refused."
        ),
        Told("the secret token of the event subscription"),
    ] = None
    zoom_api_url: Annotated[
        Url, Field(description="Where Zoom's REST API answers."), Told("an https address")
    ] = "https://api.zoom.us/v2"
    zoom_oauth_url: Annotated[
        Url,
        Field(description="Where Zoom gives tokens: the address of its token endpoint, or its host."),
        Told("an https address"),
    ] = "https://zoom.us/oauth/token"
