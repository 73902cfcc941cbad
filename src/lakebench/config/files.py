"""``lakebench.toml`` or ``[tool.lakebench]`` of pyproject.toml: settings of a project and its named targets.

    target = "staging"            # which of the targets, unless a variable or a flag says another
    region = "eu-west-1"          # for every target

    [targets.staging]             # local, aws, or a name of your own with its kind
    kind = "local"
    endpoint = "http://127.0.0.1:4600"

    [targets.aws]
    profile = "analytics"
    workgroup = "lakebench"
    max_usd = "0.10"

The nearest file counts, from the working directory upwards; ``lakebench.toml`` before pyproject.toml in the
same directory. Files of directories above it are not merged.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from lakebench.config.settings import SETTINGS
from lakebench.config.target import TargetKind
from lakebench.errors import ConfigError

FILE_NAME = "lakebench.toml"
_PROJECT = "pyproject.toml"
_OF_A_TARGET = tuple(name for name in SETTINGS if name != "target")
_LISTS = frozenset({"allowed_hosts", "denied_accounts"})
_YES_OR_NO = frozenset({"requester_pays"})


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigFile:
    """What one file says. ``common`` holds for every target; ``targets`` are by name, each with its kind.

    All values are texts as a variable would give them. ``place`` is the path, with the table of pyproject.
    """

    place: str
    common: Mapping[str, str] = field(default_factory=dict)
    targets: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    kinds: Mapping[str, TargetKind] = field(default_factory=dict)


def find_config_file(directory: Path) -> ConfigFile | None:
    """The nearest file at or above a directory, checked; raises ConfigError for what is wrong in it."""
    for folder in (directory, *directory.parents):
        own = folder / FILE_NAME
        if own.is_file():
            return _checked(_parsed(own), str(own))
        project = folder / _PROJECT
        if project.is_file():
            table = _parsed(project).get("tool", {}).get("lakebench")
            if table is not None:
                return _checked(table, f"{project} [tool.lakebench]")
    return None


def _parsed(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} is not TOML: {error}") from error
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}") from error


def _checked(table: object, place: str) -> ConfigFile:
    if not isinstance(table, dict):
        raise ConfigError(f"{place}: it must be a table of settings")
    named = table.get("targets", {})
    if not isinstance(named, dict) or not all(isinstance(one, dict) for one in named.values()):
        raise ConfigError(f"{place}: targets must be tables", hint="write [targets.aws], then its settings")
    common = {name: value for name, value in table.items() if name != "targets"}
    return ConfigFile(
        place=place,
        common=_texts(common, place, "", (*SETTINGS, "targets")),
        targets={
            name: _texts(
                {key: value for key, value in settings.items() if key != "kind"},
                place,
                f"targets.{name}.",
                (*_OF_A_TARGET, "kind"),
            )
            for name, settings in named.items()
        },
        kinds={name: _kind(name, settings.get("kind"), place) for name, settings in named.items()},
    )


def _kind(name: str, written: object, place: str) -> TargetKind:
    """``local`` and ``aws`` are what their names say; every other name has to tell."""
    kinds = [kind.value for kind in TargetKind]
    if written is None and name not in kinds:
        raise ConfigError(
            f"{place}: targets.{name} has no kind", hint='write kind = "local" or kind = "aws" in it'
        )
    if written is not None and (written not in kinds or (name in kinds and written != name)):
        allowed = repr(name) if name in kinds else " or ".join(repr(kind) for kind in kinds)
        raise ConfigError(f"{place}: targets.{name}.kind must be {allowed}, not {written!r}")
    return TargetKind(str(written or name))


def _texts(table: Mapping[str, object], place: str, prefix: str, known: tuple[str, ...]) -> dict[str, str]:
    found = {}
    for name, value in table.items():
        if name not in known:
            near = get_close_matches(name, known, n=1)
            hint = f"did you mean {prefix}{near[0]}?" if near else f"the settings are {', '.join(known)}"
            raise ConfigError(f"{place}: unknown key {prefix}{name}", hint=hint)
        if isinstance(value, bool) and name in _YES_OR_NO:
            found[name] = str(value).lower()
        else:
            found[name] = _text(value, f"{place}: {prefix}{name}", many=name in _LISTS)
    return found


def _text(value: object, where: str, *, many: bool) -> str:
    if many and isinstance(value, list) and all(isinstance(one, str) for one in value):
        return ",".join(value)
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise ConfigError(f"{where} must be a {'list of texts' if many else 'text'}, not {value!r}")
    if not str(value).strip():
        raise ConfigError(f"{where} is empty", hint="leave the key out instead")
    return str(value).strip()
