"""A Jitsi Meet of one's own, with tokens."""

from collections.abc import Sequence
from datetime import datetime
from http import HTTPStatus

import aiohttp

from contract.meetings import Capabilities
from meetings.provider import Finding, LinkSpec, Person, Reference, Webhooks
from meetings.providers.jitsi.reservations import Reservations
from meetings.providers.jitsi.settings import JitsiSettings
from meetings.providers.jitsi.standing import StandingRooms, muted
from meetings.providers.jitsi.tokens import Signer, domain_of
from meetings.providers.jitsi.webhooks import JitsiWebhooks
from meetings.providers.surroundings import Surroundings

_CHECK_SECONDS = 10.0
_SHORT_SECRET = 32
"""Octets below which HS256 is weaker than its hash (RFC 7518 section 3.2)."""


class JitsiProvider(StandingRooms):
    """Links are signed at the click; Prosody asks us when a room opens and tells who is in it."""

    name = "jitsi"
    title = "Jitsi"
    capabilities = Capabilities(
        recurrence=True,
        passcode=False,
        lobby=True,
        registration=False,
        personal_links=True,
        attendance=True,
        recordings=False,
        end=False,
        alternative_hosts=False,
    )
    hosts: frozenset[str] = frozenset()

    def __init__(self, url: str, app_id: str, secret: str, surroundings: Surroundings) -> None:
        super().__init__(secret.encode())
        self._base = url
        self._secret = secret
        self._signer = Signer(app_id, secret, domain_of(url))
        self._surroundings = surroundings
        reservations = Reservations(self.name, surroundings.lookup, surroundings.memory(self.name))
        self.webhooks: Webhooks | None = JitsiWebhooks(secret, reservations)

    async def check(self) -> Sequence[Finding]:
        return [await self._reach(), *self._weaknesses(), self._wiring()]

    async def _reach(self) -> Finding:
        timeout = aiohttp.ClientTimeout(total=_CHECK_SECONDS)
        try:
            async with self._surroundings.session().get(self._base, timeout=timeout) as answer:
                status = answer.status
        except (TimeoutError, aiohttp.ClientError, OSError):
            return Finding(
                good=False,
                message=f"{self._base} cannot be reached.",
                hint="See HOMEROOM_JITSI_URL, and whether the server runs.",
            )
        return Finding(good=status < HTTPStatus.BAD_REQUEST, message=f"{self._base} answers {status}.")

    def _weaknesses(self) -> Sequence[Finding]:
        if len(self._secret.encode()) >= _SHORT_SECRET:
            return ()
        return (
            Finding(
                good=True,
                message="HOMEROOM_JITSI_APP_SECRET is short.",
                hint="Make one with `openssl rand -base64 48`, and put it into Jitsi's JWT_APP_SECRET as well.",
            ),
        )

    def _wiring(self) -> Finding:
        """What cannot be seen from outside."""
        return Finding(
            good=True,
            message="Tokens name the issuer HOMEROOM_JITSI_APP_ID and the audience jitsi.",
            hint=(
                "For Prosody: the modules token_verification and token_affiliation, ENABLE_AUTO_OWNER=0 (or everybody is "
                f"a moderator), and reservations and event_sync with {self._surroundings.public_url}/api/v1/webhooks/jitsi "
                "and the header Authorization: Bearer and the app secret."
            ),
        )

    def _url(self, reference: Reference, spec: LinkSpec, person: Person, now: datetime) -> str:
        token = self._signer.sign(reference.external_id, person, now)
        return f"{self._base}/{reference.external_id}?jwt={token}{muted(spec, person)}"


def build(settings: JitsiSettings, surroundings: Surroundings) -> JitsiProvider | None:
    """None without any of its settings.

    Raises:
        ValueError: some of them are missing; the text names them.
    """
    secret = settings.jitsi_app_secret.get_secret_value() if settings.jitsi_app_secret is not None else ""
    given = {
        "HOMEROOM_JITSI_URL": settings.jitsi_url,
        "HOMEROOM_JITSI_APP_ID": settings.jitsi_app_id,
        "HOMEROOM_JITSI_APP_SECRET": secret,
    }
    missing = [name for name, value in given.items() if not value]
    if len(missing) == len(given):
        return None
    if missing or settings.jitsi_url is None or settings.jitsi_app_id is None:
        raise ValueError(f"Jitsi is configured by half: set {' and '.join(missing)}.")
    return JitsiProvider(settings.jitsi_url, settings.jitsi_app_id, secret, surroundings)
