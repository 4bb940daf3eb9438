"""The settings of calls; `server.settings.Settings` is made of these and its own."""

from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr
from pydantic_settings import BaseSettings, NoDecode

from contract.told import Told
from server.settings_values import split_list
from signaling.ice import LEAST_SECRET_BYTES, TURN_SECONDS, IceSettings, parse_stun_url, parse_turn_url


def _turn_secret(value: SecretStr) -> SecretStr:
    secret = value.get_secret_value()
    if len(secret.encode()) < LEAST_SECRET_BYTES:
        raise ValueError(
            f"must be at least {LEAST_SECRET_BYTES} bytes (make one with: openssl rand -base64 32)"
        )
    if not secret.isascii() or not secret.isprintable() or set(secret) & set(" \"'#\\"):
        raise ValueError(
            "must be of letters, digits and signs without spaces, quotes, # and \\, "
            "so that turnserver.conf can hold it (make one with: openssl rand -base64 32)"
        )
    return value


StunUrls = Annotated[
    tuple[Annotated[str, AfterValidator(parse_stun_url)], ...], NoDecode, BeforeValidator(split_list)
]
TurnUrls = Annotated[
    tuple[Annotated[str, AfterValidator(parse_turn_url)], ...], NoDecode, BeforeValidator(split_list)
]


class CallSettings(BaseSettings):
    """How people in calls find a way to each other, and how calls behave."""

    stun_urls: Annotated[
        StunUrls,
        Field(description="STUN servers that tell callers their public address, separated by commas."),
        Told("a list of stun: addresses", "none"),
    ] = ()
    turn_urls: Annotated[
        TurnUrls,
        Field(
            description="TURN servers that relay calls where no direct way exists, separated by commas; see calls-network.md."
        ),
        Told("a list of turn: and turns: addresses", "none"),
    ] = ()
    turn_secret: Annotated[
        Annotated[SecretStr, AfterValidator(_turn_secret)] | None,
        Field(description="Shared with the TURN servers: signs credentials that run out. At least 16 bytes."),
        Told("a secret of at least 16 bytes"),
    ] = None
    turn_ttl_seconds: Annotated[
        int,
        Field(
            ge=300,
            le=86400,
            description="How long TURN credentials are good; clients fetch fresh ones in time.",
        ),
        Told("300 to 86400 seconds"),
    ] = TURN_SECONDS
    turn_realm: Annotated[
        str,
        Field(
            pattern=r"^[A-Za-z0-9.-]{1,100}$",
            description="Realm that `homeroom turn-config` gives the TURN server.",
        ),
        Told("1 to 100 letters, digits, and . -"),
    ] = "homeroom"
    call_max_peers: Annotated[
        int,
        Field(
            ge=2,
            le=50,
            description="Most seats in a call. Everybody sends to everybody, so uplinks bound it sooner than the server.",
        ),
        Told("2 to 50"),
    ] = 8
    call_grace_seconds: Annotated[
        float,
        Field(
            ge=0,
            le=60,
            description="How long a seat in a call is kept for somebody whose connection dropped.",
        ),
        Told("0 to 60 seconds"),
    ] = 10
    call_second_device: Annotated[
        Literal["takeover", "seat"],
        Field(
            description="What happens when somebody in a call joins it from another device: it takes over, or gets a seat too."
        ),
        Told("takeover or seat"),
    ] = "takeover"

    @property
    def ice(self) -> IceSettings:
        """What ICE servers are made from; holds the TURN secret."""
        secret = self.turn_secret.get_secret_value() if self.turn_secret is not None else None
        return IceSettings(self.stun_urls, self.turn_urls, secret, self.turn_ttl_seconds)
