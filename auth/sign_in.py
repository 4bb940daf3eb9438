"""The one question that both doors ask: whose token is this, and does it still count?"""

from auth.errors import NoCredentials
from auth.identity import Identity
from auth.revocation import Revocations
from auth.tokens import TokenVerifier
from contract.clock import Clock
from contract.errors import ErrorCode, Unauthorized


class SignIn:
    """Used at connect, at `auth:refresh`, for each REST request, and again for identities on live connections."""

    def __init__(self, verifier: TokenVerifier, revocations: Revocations, clock: Clock) -> None:
        self._verifier = verifier
        self._revocations = revocations
        self._clock = clock

    async def identify(self, token: object) -> Identity:
        """The caller. `token` is as a client sent it, of any type.

        Raises:
            NoCredentials: there is none.
            Unauthorized: it is not valid (`token_expired` when it was once), or revoked.
            Unavailable: the LMS's keys cannot be fetched just now.
        """
        if token is None or token == "":
            raise NoCredentials
        if not isinstance(token, str):
            raise Unauthorized("The token must be a string.")
        identity = await self._verifier.verify(token)
        self._refuse_revoked(identity)
        return identity

    def check_still_valid(self, identity: Identity) -> None:
        """Raises Unauthorized when an identity accepted earlier was revoked or has run out since."""
        self._refuse_revoked(identity)
        if identity.expires_at <= self._clock.now():
            raise Unauthorized(code=ErrorCode.TOKEN_EXPIRED)

    def _refuse_revoked(self, identity: Identity) -> None:
        if self._revocations.is_revoked(identity):
            raise Unauthorized("The token has been revoked.")
