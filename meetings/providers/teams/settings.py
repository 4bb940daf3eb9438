"""The settings of Teams: an app registration with application permissions of Microsoft Graph."""

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, Field, SecretStr

from contract.told import Told
from meetings.providers.addresses import parse_service_url

Url = Annotated[str, AfterValidator(parse_service_url)]
Word = Annotated[str, Field(min_length=1, max_length=254)]


class TeamsSettings(BaseModel):
    """All of tenant, client, secret and organizer, or none."""

    teams_tenant_id: Annotated[
        Word | None,
        Field(
            description="Tenant of the app registration; with client, secret and organizer it turns Teams on."
        ),
        Told("the directory (tenant) id"),
    ] = None
    teams_client_id: Annotated[
        Word | None, Field(description="Application (client) id."), Told("the application (client) id")
    ] = None
    teams_client_secret: Annotated[
        SecretStr | None,
        Field(description="Client secret of the app registration."),
        Told("a client secret's value"),
    ] = None
    teams_organizer: Annotated[
        Word | None,
        Field(
            description="Object id of the user whose meetings they are, unless a meeting names another account."
        ),
        Told("the object id of a user"),
    ] = None
    teams_mode: Annotated[
        Literal["event", "meeting"],
        Field(
            description="`event`: an entry in the organizer's calendar; `meeting`: stand-alone online meetings."
        ),
        Told("event or meeting"),
    ] = "event"
    teams_graph_url: Annotated[
        Url, Field(description="Where Microsoft Graph answers."), Told("an https address")
    ] = "https://graph.microsoft.com/v1.0"
    teams_authority_url: Annotated[
        Url, Field(description="Who gives tokens, without the tenant."), Told("an https address")
    ] = "https://login.microsoftonline.com"
