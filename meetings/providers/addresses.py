"""Addresses of services, as settings give them."""

from ipaddress import ip_address
from urllib.parse import urlsplit


def parse_service_url(value: str) -> str:
    """An https address without query, user or fragment, and without a slash at its end; plain http on the machine itself.

    Raises ValueError with the end of a sentence that begins with the setting's name.
    """
    parts = urlsplit(value)
    if parts.scheme not in {"https", "http"} or not parts.hostname:
        raise ValueError("must be an address that begins with https://")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise ValueError("must be an address without a user, a query or a fragment")
    if parts.scheme == "http" and not _is_here(parts.hostname):
        raise ValueError("must begin with https://; http:// is for this machine alone")
    return value.rstrip("/")


def _is_here(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
