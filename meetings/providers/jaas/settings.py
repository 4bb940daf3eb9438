"""The settings of 8x8's Jitsi as a Service."""

from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, Field, SecretStr

from contract.told import Told


class JaasSettings(BaseModel):
    """All of app, key and file, or none."""

    jaas_app_id: Annotated[
        Annotated[str, Field(pattern=r"^vpaas-magic-cookie-[0-9a-f]{32}$")] | None,
        Field(description="AppID of JaaS; with key id and key file it turns JaaS on."),
        Told("an AppID such as vpaas-magic-cookie-…"),
    ] = None
    jaas_key_id: Annotated[
        Annotated[str, Field(min_length=1, max_length=200)] | None,
        Field(description="Id of the API key: the full `kid`, or what follows its slash."),
        Told("the id of the API key"),
    ] = None
    jaas_private_key_file: Annotated[
        Path | None,
        Field(description="File with the API key's private half (PEM)."),
        Told("the path of a PEM file"),
    ] = None
    jaas_webhook_secret: Annotated[
        SecretStr | None,
        Field(description="Secret of the webhook endpoint. Without it all its webhooks are refused."),
        Told("the secret of the webhook endpoint"),
    ] = None
