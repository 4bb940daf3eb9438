"""Who sent it: the header X-Jaas-Signature (developer.8x8.com/jaas, "Check the webhook signatures")."""

import base64
import hashlib
import hmac
import re
from datetime import datetime

TOLERANCE_SECONDS = 300
_SCHEME = "v1"
_MOST_PARTS = 20
_TIMESTAMP = re.compile(r"[0-9]{1,12}")


def is_signed(header: str, raw: bytes, secret: str, now: datetime) -> bool:
    """Whether one of the signatures in the header is the secret's, over the body as it came, and made within five minutes.

    `t=1632490060,v1=xlzqEojlh4…=`: the signature is base64, so an element is split at its first equals sign alone. Schemes
    other than v1 are ignored. Without a secret nothing is signed.
    """
    if not secret:
        return False
    told = [part.strip().partition("=")[::2] for part in header.split(",")[:_MOST_PARTS]]
    stamps = [value for name, value in told if name == "t"]
    if len(stamps) != 1 or _TIMESTAMP.fullmatch(stamps[0]) is None:
        return False
    signed = f"{stamps[0]}.".encode() + raw
    wanted = base64.b64encode(hmac.new(secret.encode(), signed, hashlib.sha256).digest())
    matches = [
        hmac.compare_digest(value.encode(errors="surrogatepass"), wanted)
        for name, value in told
        if name == _SCHEME
    ]
    return any(matches) and abs(now.timestamp() - int(stamps[0])) <= TOLERANCE_SECONDS
