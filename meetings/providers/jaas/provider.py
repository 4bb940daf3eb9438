"""Jitsi as a Service: the rooms of one app at 8x8."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from contract.meetings import Capabilities
from meetings.provider import Finding, LinkSpec, Person, Reference, Webhooks
from meetings.providers.jaas.settings import JaasSettings
from meetings.providers.jaas.tokens import Signer, key_id_of, read_key
from meetings.providers.jaas.webhooks import JaasWebhooks
from meetings.providers.jitsi.standing import StandingRooms, muted
from meetings.providers.surroundings import Surroundings

_BASE: Final = "https://8x8.vc"


class JaasProvider(StandingRooms):
    """Links are signed at the click; what happens is told by signed webhooks."""

    name = "jaas"
    title = "Jitsi as a Service"
    capabilities = Capabilities(
        recurrence=True,
        passcode=False,
        lobby=True,
        registration=False,
        personal_links=True,
        attendance=True,
        recordings=True,
        end=False,
        alternative_hosts=False,
    )
    hosts: frozenset[str] = frozenset({"8x8.vc", ".8x8.vc", ".oraclecloud.com", ".oci.customer-oci.com"})
    """Links to recordings lead to Oracle's object storage, in the region of the app."""

    def __init__(self, signer: Signer, webhook_secret: str, surroundings: Surroundings) -> None:
        super().__init__(_room_key(signer))
        self._signer = signer
        self._webhook_secret = webhook_secret
        self._public_url = surroundings.public_url
        self.webhooks: Webhooks | None = JaasWebhooks(
            self.name, signer.app_id, webhook_secret, surroundings.lookup
        )

    async def check(self) -> Sequence[Finding]:
        """The key was read at the start. Whether the app has it, only a person in a meeting finds out."""
        address = f"{self._public_url}/api/v1/webhooks/{self.name}"
        key = Finding(
            good=True,
            message=f"The key {self._signer.key_id} can sign.",
            hint="Its public half must be in the JaaS console, under API keys.",
        )
        hint = f"In the JaaS console, under Webhooks, add {address} and copy the endpoint's secret."
        if not self._webhook_secret:
            message = "HOMEROOM_JAAS_WEBHOOK_SECRET is missing: attendance and recordings stay unknown."
            return [key, Finding(good=False, message=message, hint=hint)]
        return [key, Finding(good=True, message="Webhooks are verified.", hint=hint)]

    def _url(self, reference: Reference, spec: LinkSpec, person: Person, now: datetime) -> str:
        token = self._signer.sign(reference.external_id, person, now)
        room = f"{_BASE}/{self._signer.app_id}/{reference.external_id}"
        return f"{room}?jwt={token}{muted(spec, person)}"


def build(settings: JaasSettings, surroundings: Surroundings) -> JaasProvider | None:
    """None without any of its settings.

    Raises:
        ValueError: some of them are missing, or are not what they must be; the text names them.
    """
    app_id, key_id, file = settings.jaas_app_id, settings.jaas_key_id, settings.jaas_private_key_file
    given = {
        "HOMEROOM_JAAS_APP_ID": app_id,
        "HOMEROOM_JAAS_KEY_ID": key_id,
        "HOMEROOM_JAAS_PRIVATE_KEY_FILE": file,
    }
    missing = [name for name, value in given.items() if value is None]
    if len(missing) == len(given) and settings.jaas_webhook_secret is None:
        return None
    if app_id is None or key_id is None or file is None:
        raise ValueError(f"JaaS is configured by half: set {' and '.join(missing)}.")
    secret = settings.jaas_webhook_secret.get_secret_value() if settings.jaas_webhook_secret else ""
    signer = Signer(app_id, key_id_of(app_id, key_id), read_key(file))
    return JaasProvider(signer, secret, surroundings)


def _room_key(signer: Signer) -> bytes:
    """What the names of rooms are made with: only whoever has the private key can make it."""
    return signer.key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
