"""Which web pages may open a session (RFC 6454; against cross-site WebSocket hijacking)."""

from urllib.parse import urlsplit

_DEFAULT_PORTS = {"http": 80, "https": 443}


def canonical_origin(text: str) -> str | None:
    """`scheme://host[:port]` as a browser writes it: lower case, default port left out. None if it is no origin."""
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        return None
    host = parts.hostname
    plain = parts.path in {"", "/"} and not parts.query and not parts.fragment and "@" not in parts.netloc
    if parts.scheme not in _DEFAULT_PORTS or not host or not plain or not text.isascii():
        return None
    name = f"[{host}]" if ":" in host else host
    suffix = "" if port is None or port == _DEFAULT_PORTS[parts.scheme] else f":{port}"
    return f"{parts.scheme}://{name}{suffix}"


def canonical_origins(origins: frozenset[str]) -> frozenset[str]:
    """The allow-list in canonical form. Raises ValueError naming an entry that is no origin."""
    wrong = sorted(origin for origin in origins if canonical_origin(origin) is None)
    if wrong:
        raise ValueError(f"not an origin (scheme://host[:port]): {wrong[0]}")
    return frozenset(canonical for origin in origins if (canonical := canonical_origin(origin)))


def is_allowed(sent: list[str], allowed: frozenset[str], own: str | None) -> bool:
    """Whether a request with these Origin headers may come in.

    `allowed` is canonical. `own` is the origin the request was sent to, or None when that alone gives no right.
    None sent (no browser) is allowed, more than one is not, and the text must be exactly what a browser would write.
    """
    if not sent:
        return True
    if len(sent) > 1 or canonical_origin(sent[0]) != sent[0]:
        return False
    return sent[0] in allowed or (own is not None and sent[0] == canonical_origin(own))
