"""Which shared secret counts: the configured one, or in development one that is made once and kept."""

import contextlib
import os
import secrets
from pathlib import Path

from server.settings import Settings, SettingsError

DEVELOPMENT_SECRET_FILE = "dev-secret"  # noqa: S105  # a name of a file
_BYTES = 48


def shared_secret(settings: Settings) -> bytes | None:
    """For the server: None when tokens are checked with a key set alone.

    In development a secret is made at the first start, so that links handed out before a restart still work after it.
    """
    if settings.jwt_secret is not None:
        return settings.jwt_secret.get_secret_value().encode()
    return _kept_secret(settings.data_dir) if settings.dev else None


def signing_secret(settings: Settings) -> bytes:
    """For `homeroom token`: also the secret of a development server that was started in this folder before.

    Raises:
        SettingsError: there is none.
    """
    file = settings.data_dir / DEVELOPMENT_SECRET_FILE
    secret = shared_secret(settings)
    if secret is None and settings.jwt_jwks_url is None and file.is_file():
        secret = _read(file)
    if secret is None:
        raise SettingsError(
            [
                "HOMEROOM_JWT_SECRET must be set to sign tokens (or start `make run` here first, which makes a secret)."
            ]
        )
    return secret


def _kept_secret(data_dir: Path) -> bytes:
    file = data_dir / DEVELOPMENT_SECRET_FILE
    if not file.exists():
        try:
            _make(file)
        except OSError:
            raise SettingsError(
                [f"HOMEROOM_DATA_DIR must be a folder that can be written to: {data_dir} is not."]
            ) from None
    return _read(file)


def _make(file: Path) -> None:
    """Appears complete or not at all, so that two servers started at once agree."""
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    draft.touch(mode=0o600)
    try:
        draft.write_text(secrets.token_urlsafe(_BYTES) + "\n", encoding="ascii")
        with contextlib.suppress(FileExistsError):
            file.hardlink_to(draft)
    finally:
        draft.unlink()


def _read(file: Path) -> bytes:
    try:
        secret = file.read_bytes().strip()
    except OSError:
        raise SettingsError([f"{file} cannot be read: mend its permissions, or remove it."]) from None
    if len(secret) < _BYTES:
        raise SettingsError([f"{file} holds no secret: remove it, and the next start makes a new one."])
    return secret
