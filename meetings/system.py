"""Who does what nobody did: the server itself, where events and history name an actor."""

from typing import Final

from contract.people import Actor, SignInRole

SYSTEM: Final = Actor(id="homeroom", name="Homeroom", role=SignInRole.BOT)
