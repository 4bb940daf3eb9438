"""Everything that can be configured, read once at start from HOMEROOM_* variables and a `.env` file.

The environment wins over the file; an empty value counts as not set. docs/configuration.md is generated from here.
"""

import difflib
import os
from collections.abc import Iterator
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Annotated, Literal

from dotenv import dotenv_values
from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, ValidationError
from pydantic_settings import NoDecode, SettingsConfigDict

from auth.keys import SharedSecret
from contract.told import Told
from server.settings_calls import CallSettings
from server.settings_meetings import MeetingSettings
from server.settings_values import (
    parse_database_url,
    parse_network,
    parse_origin,
    parse_redis_url,
    parse_web_url,
    split_list,
    without_password,
)

PREFIX = "HOMEROOM_"


class SettingsError(Exception):
    """The server cannot start like this. `sentences` say what to mend, one each, without any secret."""

    def __init__(self, sentences: list[str]) -> None:
        self.sentences = sentences
        super().__init__("\n".join(sentences))


def _shared_secret(value: SecretStr) -> SecretStr:
    try:
        SharedSecret(value.get_secret_value().encode())
    except ValueError as error:
        raise ValueError(f"is not usable: {error} (make one with: openssl rand -base64 48)") from None
    return value


def _database_url(value: SecretStr) -> SecretStr:
    return SecretStr(parse_database_url(value.get_secret_value()))


def _redis_url(value: SecretStr) -> SecretStr:
    return SecretStr(parse_redis_url(value.get_secret_value()))


Origins = Annotated[
    tuple[Annotated[str, AfterValidator(parse_origin)], ...], NoDecode, BeforeValidator(split_list)
]
Networks = Annotated[
    tuple[Annotated[IPv4Network | IPv6Network, BeforeValidator(parse_network)], ...],
    NoDecode,
    BeforeValidator(split_list),
]
Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.:-]{1,64}$")]
ClaimText = Annotated[str, Field(min_length=1, max_length=200)]


class Settings(CallSettings, MeetingSettings):
    """Made by `load_settings`; frozen. Whether it is safe to serve with is for `server.safety` to say."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_ignore_empty=True,
        env_file_encoding="utf-8",
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,
        str_strip_whitespace=True,
    )

    dev: Annotated[
        bool,
        Field(
            description="Development mode: sign-in by name, a secret made at the first start, logs for people."
        ),
        Told("1 or 0"),
    ] = False
    host: Annotated[
        str,
        Field(min_length=1, description="Address to listen on. 0.0.0.0 or :: means every interface."),
        Told("an address such as 127.0.0.1"),
    ] = "127.0.0.1"
    port: Annotated[
        int,
        Field(ge=0, le=65535, description="Port to listen on; 0 takes a free one."),
        Told("a port number up to 65535"),
    ] = 8000
    data_dir: Annotated[
        Path,
        Field(description="Folder for the SQLite database and, in development, the secret."),
        Told("the path of a folder"),
    ] = Path("data")
    database_url: Annotated[
        Annotated[SecretStr, AfterValidator(_database_url)] | None,
        Field(
            description="SQLite (`sqlite:///path`) or PostgreSQL (`postgresql://user:password@host/name`)."
        ),
        Told("an address of a database", "`homeroom.db` in the data folder"),
    ] = None
    redis_url: Annotated[
        Annotated[SecretStr, AfterValidator(_redis_url)] | None,
        Field(
            description="Redis, which joins several nodes (`redis://` or `rediss://`). Not set: this is the only node."
        ),
        Told("an address of Redis"),
    ] = None
    redis_prefix: Annotated[
        Name,
        Field(
            description="Begins every name that is used in Redis; installations that share one need different ones."
        ),
        Told("1 to 64 letters, digits, and . _ : -"),
    ] = "homeroom"
    node_id: Annotated[
        Name | None,
        Field(description="Name of this process among the nodes; must differ on each."),
        Told("1 to 64 letters, digits, and . _ : -", "a fresh one at each start"),
    ] = None
    jwt_secret: Annotated[
        Annotated[SecretStr, AfterValidator(_shared_secret)] | None,
        Field(description="Shared with the LMS: checks and signs HS256 tokens. At least 32 bytes."),
        Told("a secret of at least 32 bytes", "in development, made once and kept in the data folder"),
    ] = None
    jwt_jwks_url: Annotated[
        Annotated[str, AfterValidator(parse_web_url)] | None,
        Field(description="Key set of the LMS, for RS256, ES256 and EdDSA tokens."),
        Told("an https address"),
    ] = None
    jwt_issuer: Annotated[
        ClaimText, Field(description="What `iss` of every token must be."), Told("the issuer's name")
    ] = "homeroom"
    jwt_audience: Annotated[
        ClaimText, Field(description="What `aud` of every token must name."), Told("the name of this server")
    ] = "homeroom"
    jwt_leeway_seconds: Annotated[
        int,
        Field(ge=0, le=60, description="How far clocks may differ when `exp`, `nbf` and `iat` are checked."),
        Told("0 to 60 seconds"),
    ] = 30
    token_grace_seconds: Annotated[
        int,
        Field(
            ge=1,
            le=300,
            description="How long a connection whose token ran out may still send `auth:refresh`.",
        ),
        Told("1 to 300 seconds"),
    ] = 25
    allowed_origins: Annotated[
        Origins,
        Field(
            description="Web origins whose pages may connect, separated by commas, beside the server's own."
        ),
        Told("a list of origins", "the server's own alone"),
    ] = ()
    trusted_proxies: Annotated[
        Networks,
        Field(
            description="Proxies whose X-Forwarded-For and X-Forwarded-Proto are believed, separated by commas."
        ),
        Told("a list of addresses or networks", "none"),
    ] = ()
    frame_ancestors: Annotated[
        Origins,
        Field(description="Origins (of the LMS) that may show Homeroom in a frame, separated by commas."),
        Told("a list of origins", "none"),
    ] = ()
    limits: Annotated[
        bool, Field(description="Rate limits. Off is for load tests alone."), Told("on or off", "on")
    ] = True
    log_level: Annotated[
        Literal["debug", "info", "warning", "error"],
        BeforeValidator(lambda value: value.lower() if isinstance(value, str) else value),
        Field(description="The least severity that is logged."),
        Told("debug, info, warning or error"),
    ] = "info"
    log_format: Annotated[
        Literal["json", "text"] | None,
        Field(description="One JSON object on each line, or text for people."),
        Told("json or text", "json; text in development"),
    ] = None
    ping_interval_seconds: Annotated[
        float,
        Field(ge=1, le=300, description="How often a silent connection is asked whether it lives."),
        Told("1 to 300 seconds"),
    ] = 25
    ping_timeout_seconds: Annotated[
        float,
        Field(ge=1, le=300, description="How long the answer may take before the connection counts as lost."),
        Told("1 to 300 seconds"),
    ] = 20
    slow_client_bytes: Annotated[
        int,
        Field(
            ge=65536,
            le=67108864,
            description="How much may wait for one client before it is disconnected as too slow.",
        ),
        Told("65536 to 67108864 bytes"),
    ] = 1048576
    max_connections: Annotated[
        int, Field(ge=1, description="Of this node; newcomers are sent away beyond."), Told("1 or more")
    ] = 50_000
    connections_per_address: Annotated[
        int, Field(ge=1, description="From one address, to this node."), Told("1 or more")
    ] = 5_000
    connections_per_user: Annotated[
        int, Field(ge=1, description="Of one person, to this node."), Told("1 or more")
    ] = 100
    handshakes_per_second: Annotated[
        int,
        Field(ge=1, description="Newcomers in one second; the others are asked to wait."),
        Told("1 or more"),
    ] = 1_000
    drain_seconds: Annotated[
        float,
        Field(ge=0, le=25, description="How long the server takes to say goodbye after SIGTERM, at most."),
        Told("0 to 25 seconds"),
    ] = 15
    resume_events: Annotated[
        int,
        Field(
            ge=1,
            le=10000,
            description="Most events of one room that are caught up on; past that, a snapshot is sent.",
        ),
        Told("1 to 10000"),
    ] = 300
    metrics_token: Annotated[
        SecretStr | None,
        Field(
            description="Bearer token for /metrics. Not set: /metrics answers on the machine itself alone."
        ),
        Told("a token"),
    ] = None

    @property
    def database(self) -> str:
        """The database's address with its asynchronous driver; may hold a password."""
        if self.database_url is not None:
            return self.database_url.get_secret_value()
        return f"sqlite+aiosqlite:///{self.data_dir / 'homeroom.db'}"

    @property
    def database_file(self) -> Path | None:
        """The file of an SQLite database; None for PostgreSQL."""
        scheme, _, path = self.database.partition(":///")
        return Path(path.partition("?")[0]) if scheme == "sqlite+aiosqlite" else None

    @property
    def redis(self) -> str | None:
        """The address of Redis; may hold a password."""
        return self.redis_url.get_secret_value() if self.redis_url is not None else None

    @property
    def log_style(self) -> Literal["json", "text"]:
        return self.log_format or ("text" if self.dev else "json")

    def told(self) -> Iterator[tuple[str, str]]:
        """Every setting as NAME and value, in order, fit for printing: without secrets and passwords."""
        for field in _in_order():
            yield variable(field), _shown(getattr(self, field))

    def redacted(self) -> str:
        """What `homeroom print-config` prints, in the form of a `.env` file."""
        return "\n".join(f"{name}={value}" for name, value in self.told())


def load_settings(directory: Path | None = None) -> Settings:
    """Read the environment and the `.env` in `directory` (the working directory unless told otherwise).

    Raises:
        SettingsError: names we do not know, values we cannot use, a `.env` that cannot be read.
    """
    env_file = (directory or Path()) / ".env"
    strangers = [_unknown(name) for name in sorted({*_names_in(env_file), *os.environ}) if _is_unknown(name)]
    try:
        settings = Settings(_env_file=env_file)
    except ValidationError as error:
        raise SettingsError([*strangers, *_sentences(error)]) from None
    if strangers:
        raise SettingsError(strangers)
    return settings


def variable(field: str) -> str:
    """The environment variable of a field: `redis_url` is HOMEROOM_REDIS_URL."""
    return PREFIX + field.upper()


def table_markdown() -> str:
    """All settings as a Markdown table, for docs/configuration.md."""
    rows = ["| Variable | Default | Meaning | Must be |", "|---|---|---|---|"]
    for field in _in_order():
        info, told = Settings.model_fields[field], _told(field)
        default = told.default or f"`{_shown(info.default)}`"
        default = "not set" if default == "``" else default
        rows.append(f"| `{variable(field)}` | {default} | {info.description} | {told.wish} |")
    return "\n".join(rows) + "\n"


def _in_order() -> list[str]:
    """The fields as one reads them: calls and meetings come last, although they are inherited."""
    inherited = (CallSettings, MeetingSettings)
    return sorted(Settings.model_fields, key=lambda field: [field in part.model_fields for part in inherited])


def _names_in(env_file: Path) -> list[str]:
    if not env_file.is_file():
        return []
    try:
        return list(dotenv_values(env_file, encoding="utf-8"))
    except (OSError, UnicodeDecodeError):
        raise SettingsError([f"{env_file.name} cannot be read: it must be readable text in UTF-8."]) from None


def _is_unknown(name: str) -> bool:
    name = name.upper()
    return name.startswith(PREFIX) and name.removeprefix(PREFIX).lower() not in Settings.model_fields


def _unknown(name: str) -> str:
    near = difflib.get_close_matches(name.upper().removeprefix(PREFIX).lower(), Settings.model_fields, n=1)
    mend = (
        f"did you mean {variable(near[0])}?"
        if near
        else "remove it; docs/configuration.md lists what there is."
    )
    return f"{name} is not a setting of Homeroom: {mend}"


def _sentences(error: ValidationError) -> list[str]:
    """One sentence for each field, however many of its parts are wrong; never with the value."""
    sentences: dict[str, str] = {}
    for problem in error.errors(include_url=False, include_context=False, include_input=False):
        field = str(problem["loc"][0])
        ours = problem["type"] == "value_error"
        rest = problem["msg"].removeprefix("Value error, ") if ours else f"must be {_told(field).wish}"
        sentences.setdefault(field, f"{variable(field)} {rest}.")
    return list(sentences.values())


def _told(field: str) -> Told:
    return next(entry for entry in Settings.model_fields[field].metadata if isinstance(entry, Told))


def _shown(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, tuple):
        return ",".join(str(entry) for entry in value)
    if isinstance(value, SecretStr):
        secret = value.get_secret_value()
        return without_password(secret) if "://" in secret else "***"
    return str(value)
