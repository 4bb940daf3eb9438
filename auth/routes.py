"""The HTTP door to signing in: who am I, taking sign-ins back, and development's sign-in."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Protocol, TypeVar

from auth.identity import Identity
from auth.revocation import RevocationKind
from auth.service import RevocationService
from contract.base import PROTOCOL_VERSION, WireModel
from contract.connection import Revoke, SignedIn
from contract.people import Actor
from contract.rest import DevelopmentSignIn, ServerDescription, TokenAnswer
from contract.rooms import Nothing

Model = TypeVar("Model", bound=WireModel)


class Call(Protocol):
    """What these routes need of a request; the REST dispatcher's RestCall is one."""

    @property
    def who(self) -> Identity: ...

    def body(self, model: type[Model]) -> Model: ...


Handler = Callable[[Call], Awaitable[WireModel]]


def auth_routes(revocations: RevocationService, *, development: bool) -> Mapping[str, Handler]:
    """Handlers by operation, for RestDoor."""

    async def describe_server(_call: Call) -> ServerDescription:
        return ServerDescription(protocol=PROTOCOL_VERSION, development=development)

    async def get_me(call: Call) -> SignedIn:
        return signed_in(call.who)

    async def revoke(call: Call) -> Nothing:
        wish = call.body(Revoke)
        kind = RevocationKind.TOKEN if wish.jti is not None else RevocationKind.USER
        await revocations.revoke(call.who, kind, wish.jti or wish.user_id or "")
        return Nothing()

    return {"describeServer": describe_server, "getMe": get_me, "revoke": revoke}


def development_routes(
    sign_in: Callable[[DevelopmentSignIn], Awaitable[TokenAnswer]],
) -> Mapping[str, Handler]:
    """Hands a token to anybody who asks. Never mounted outside of development mode."""

    async def development_sign_in(call: Call) -> TokenAnswer:
        return await sign_in(call.body(DevelopmentSignIn))

    return {"developmentSignIn": development_sign_in}


def signed_in(identity: Identity) -> SignedIn:
    """An identity as it is shown to its owner."""
    user = Actor(id=identity.user_id, name=identity.name, role=identity.role, picture=identity.picture)
    return SignedIn(user=user, expires_at=identity.expires_at)
