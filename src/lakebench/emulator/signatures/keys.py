"""The access keys that may sign: the local fake one, those of a file or a variable, those issued here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from configparser import ConfigParser
from configparser import Error as ConfigError
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from lakebench.environment import ACCESS_KEY_ID, SECRET_ACCESS_KEY
from lakebench.errors import LaunchError

KEYS_VARIABLE = "LAKEBENCH_SIGNING_KEYS"


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningKey:
    """A secret, and for temporary keys their session token and end. The secret is in no repr."""

    secret: str = field(repr=False)
    token: str | None = field(default=None, repr=False)
    expires: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyRing:
    """Finds the key of an id: a configured one first, then what ``issued`` knows of IAM and STS."""

    configured: Mapping[str, SigningKey]
    issued: Callable[[str], SigningKey | None]

    def find(self, access_key: str) -> SigningKey | None:
        """The key, or None for an id that nobody may use."""
        if access_key == ACCESS_KEY_ID:
            return SigningKey(secret=SECRET_ACCESS_KEY)
        return self.configured.get(access_key) or self.issued(access_key)


def configured_keys(file: Path | None, variable: str) -> dict[str, SigningKey]:
    """The keys of a file in the form of AWS's credentials file, and of ``ID:SECRET ID:SECRET ...``.

    Raises LaunchError, which never repeats what was read: it may be a secret.
    """
    keys = {} if file is None else _of_file(file)
    for number, word in enumerate(variable.split(), start=1):
        access_key, _, secret = word.partition(":")
        if not access_key or not secret:
            raise LaunchError(
                f"{KEYS_VARIABLE}: entry {number} is not ID:SECRET", hint="write ID:SECRET, apart by blanks"
            )
        keys[access_key] = SigningKey(secret=secret)
    return keys


def _of_file(file: Path) -> dict[str, SigningKey]:
    hint = "write it as ~/.aws/credentials: [name], aws_access_key_id = ..., aws_secret_access_key = ..."
    parser = ConfigParser(interpolation=None)
    try:
        parser.read_string(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeError) as error:
        raise LaunchError(f"the signing keys in {file} cannot be read", hint=hint) from error
    except ConfigError:
        raise LaunchError(f"{file} is not in the form of a credentials file", hint=hint) from None
    keys = {}
    for name in parser.sections():
        section = parser[name]
        access_key, secret = section.get("aws_access_key_id"), section.get("aws_secret_access_key")
        if not access_key or not secret:
            raise LaunchError(f"{file}: section [{name}] lacks a key's id or its secret", hint=hint)
        keys[access_key] = SigningKey(secret=secret, token=section.get("aws_session_token"))
    return keys
