"""JSON Web Tokens (RFC 7519), made and checked by the rules of RFC 8725."""

import secrets
from collections.abc import Callable, Mapping

import jwt

from auth.claims import ClaimRules, read_identity
from auth.envelope import Envelope, open_envelope
from auth.identity import Identity
from auth.json_object import parse_object
from auth.keys import ASYMMETRIC, Algorithm, KeySource, SharedSecret
from contract.clock import Clock
from contract.errors import InvalidInput, Unauthorized
from contract.people import RoomRole, SignInRole


class TokenIssuer:
    """Signs tokens with the shared secret: for development, scripts, bots and our own workers.

    Raises ValueError at construction for a secret that `SharedSecret` would refuse.
    """

    def __init__(
        self,
        secret: bytes,
        issuer: str,
        audience: str,
        clock: Clock,
        new_id: Callable[[], str] = lambda: secrets.token_urlsafe(16),
    ) -> None:
        SharedSecret(secret)
        self._secret = secret
        self._rules = ClaimRules(issuer, audience)
        self._clock = clock
        self._new_id = new_id

    def issue(
        self,
        user_id: str,
        name: str,
        role: SignInRole,
        *,
        rooms: Mapping[str, RoomRole] | None = None,
        picture: str | None = None,
        email: str | None = None,
        ttl_seconds: int = 3600,
    ) -> str:
        """A token that our own verifier accepts; raises InvalidInput when it would not be one."""
        now = self._clock.now()
        claims: dict[str, object] = {
            "iss": self._rules.issuer,
            "aud": self._rules.audience,
            "sub": user_id,
            "name": name,
            "role": str(role),
            "iat": int(now.timestamp()),
            "exp": int(now.timestamp()) + ttl_seconds,
            "jti": self._new_id(),
        }
        if rooms is not None:
            claims["rooms"] = {key: str(room_role) for key, room_role in rooms.items()}
        optional = {"picture": picture, "email": email}
        claims |= {claim: value for claim, value in optional.items() if value is not None}
        try:
            read_identity(claims, self._rules, now)
            token = jwt.encode(claims, self._secret, Algorithm.HS256)
            open_envelope(token)
        except Unauthorized as refusal:
            raise InvalidInput(refusal.message) from None
        return token


class TokenVerifier:
    """Turns a token into an Identity, or refuses it.

    Which algorithms count is decided here by what is configured: HS256 if there is a secret, RS256, ES256 and EdDSA
    if there is a key set. The token's `alg` picks one of these, and with it the only keys it may be checked with;
    it never makes a key serve another algorithm (RFC 8725 sections 3.1 and 3.2).
    """

    def __init__(
        self,
        rules: ClaimRules,
        clock: Clock,
        *,
        secret: SharedSecret | None = None,
        key_set: KeySource | None = None,
    ) -> None:
        """Raises ValueError when neither a secret nor a key set is given: nobody could ever sign in."""
        sources: dict[Algorithm, KeySource] = {}
        if secret is not None:
            sources[Algorithm.HS256] = secret
        if key_set is not None:
            sources.update(dict.fromkeys(ASYMMETRIC, key_set))
        if not sources:
            raise ValueError("configure a shared secret, a JWKS URL, or both")
        self._rules = rules
        self._clock = clock
        self._sources = sources

    async def verify(self, token: str) -> Identity:
        """Raises Unauthorized (code `unauthorized`, or `token_expired` for a token that was good once).

        Raises Unavailable when the key set cannot be fetched and no key that would do is known. Claims are read only
        after the signature is found good, so that a forger learns nothing about what we expect.
        """
        envelope = open_envelope(token)
        await self._check_signature(envelope)
        claims = parse_object(envelope.claims)
        if claims is None:
            raise Unauthorized("The token's claims are not a JSON object with every member once.")
        return read_identity(claims, self._rules, self._clock.now())

    async def _check_signature(self, envelope: Envelope) -> None:
        algorithm = next((known for known in self._sources if known.value == envelope.algorithm), None)
        if algorithm is None:
            raise Unauthorized("The token's algorithm is not accepted here.")
        keys = await self._sources[algorithm].keys_for(algorithm, envelope.key_id)
        if not keys:
            raise Unauthorized("The token is signed with a key that this server does not know.")
        if not any(key.check(envelope.signed, envelope.signature) for key in keys):
            raise Unauthorized("The token's signature is not right.")
