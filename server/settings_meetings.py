"""The settings of meetings: providers, mail, recordings; `server.settings.Settings` is made of these and others."""

from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field, SecretStr
from pydantic_settings import BaseSettings

from contract.told import Told
from meetings.mail.settings import parse_mail_server, parse_sender
from meetings.providers.addresses import parse_service_url
from meetings.providers.settings import ProviderSettings


def _mail_server(value: SecretStr) -> SecretStr:
    parse_mail_server(value.get_secret_value())
    return value


def _sender(value: str) -> str:
    parse_sender(value)
    return value


class MeetingSettings(ProviderSettings, BaseSettings):
    """How meetings are held, told of and kept."""

    public_url: Annotated[
        Annotated[str, AfterValidator(parse_service_url)] | None,
        Field(
            description="Address under which people reach this server: for links in mails, calendars and at providers."
        ),
        Told("an https address", "`http://localhost:PORT` in development"),
    ] = None
    smtp_url: Annotated[
        Annotated[SecretStr, AfterValidator(_mail_server)] | None,
        Field(
            description="Mail server: `smtp://` (STARTTLS where offered), `smtps://`, with user and password if need be. "
            "Not set: no mail is sent."
        ),
        Told("an address such as smtps://user:password@mail.school.example"),
    ] = None
    mail_from: Annotated[
        Annotated[str, Field(max_length=254), AfterValidator(_sender)] | None,
        Field(description="Sender of mails and organizer of invitations: `Name <address>` or an address."),
        Told("an e-mail address"),
    ] = None
    worker: Annotated[
        bool,
        Field(
            description="Whether `serve` also does the work of `homeroom worker`: providers, mails, recordings."
        ),
        Told("on or off", "on"),
    ] = True
    recordings_dir: Annotated[
        Path | None,
        Field(description="Folder for recordings; nodes of one installation need the same one."),
        Told("the path of a folder", "`recordings` in the data folder"),
    ] = None
    recordings_days: Annotated[
        int,
        Field(ge=0, le=3650, description="Days that recordings are kept; 0: for ever."),
        Told("0 to 3650"),
    ] = 180
    recording_bytes: Annotated[
        int,
        Field(ge=1048576, description="Most bytes of one recorded file; larger ones stay with the provider."),
        Told("at least 1048576 bytes"),
    ] = 8589934592
