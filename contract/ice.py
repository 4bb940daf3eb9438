"""Asking for ICE servers."""

from contract.base import WireModel
from contract.calls import CallId


class IceRequest(WireModel):
    """Without a call: for a test of one's connection."""

    call_id: CallId | None = None
