"""Every setting with its origin: defaults, the file, LAKEBENCH_* variables, flags, each over the last."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from pathlib import Path

from lakebench.config.files import ConfigFile, find_config_file
from lakebench.config.settings import SETTINGS, Source, read_settings, read_target, variables_of
from lakebench.config.target import DEFAULT_REGION, Target, TargetKind
from lakebench.errors import ConfigError

_Told = Callable[[str], str]
_DEFAULTS = {"target": TargetKind.LOCAL.value, "region": DEFAULT_REGION, "workgroup": "primary"}
_LOCAL_ONLY = frozenset({"endpoint", "allowed_hosts"})
"""What a file says for every target, and means for local ones: aws never uses an endpoint."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """A setting's value and who gave it: ``default``, a file and its key, a variable or a flag.

    ``value`` is None where nobody gave one and there is no default.
    """

    name: str
    value: str | None
    origin: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolved:
    """The target that counts, and each of its settings with its origin, in the order of SETTINGS."""

    target: Target
    settings: tuple[Setting, ...]


def resolve(
    flags: Source, *, environ: Mapping[str, str], directory: Path, local_endpoint: str | None = None
) -> Resolved:
    """The settings that count for a command; raises ConfigError naming what is wrong and where.

    ``local_endpoint`` is where a target of kind local is when nobody says: a command that starts its own
    server gives none.
    """
    file = find_config_file(directory)
    given = read_settings(flags)
    variables = variables_of(environ)
    chosen = _chosen_target(given, variables, file)
    kind = _kind_of(chosen, file)
    defaults = dict(_DEFAULTS)
    if kind is TargetKind.LOCAL and local_endpoint is not None:
        defaults["endpoint"] = local_endpoint
    settings: dict[str, Setting] = {}
    for source, told in _sources(defaults, file, chosen, variables, given, on_aws=kind is TargetKind.AWS):
        for name, value in source.items():
            settings[name] = Setting(name=name, value=value, origin=told(name))
    settings["target"] = replace(settings["target"], value=chosen)
    merged = {name: one.value for name, one in settings.items()}
    return Resolved(
        target=read_target(merged | {"target": kind.value}),
        settings=tuple(
            settings.get(name, Setting(name=name, value=None, origin="not set")) for name in SETTINGS
        ),
    )


def target_for(
    flags: Source, *, environ: Mapping[str, str], directory: Path, local_endpoint: str | None = None
) -> Target:
    """The target of a command: ``resolve`` without the origins; raises ConfigError."""
    return resolve(flags, environ=environ, directory=directory, local_endpoint=local_endpoint).target


def _chosen_target(given: Mapping[str, str], variables: Mapping[str, str], file: ConfigFile | None) -> str:
    common = file.common if file is not None else {}
    named = given.get("target") or variables.get("target") or common.get("target") or TargetKind.LOCAL.value
    return named.strip()


def _kind_of(name: str, file: ConfigFile | None) -> TargetKind:
    kinds = {kind.value: kind for kind in TargetKind} | dict(file.kinds if file is not None else {})
    found = kinds.get(name) or kinds.get(name.lower())
    if found is None:
        near = get_close_matches(name, kinds, n=1, cutoff=0.4)
        guess = f"did you mean {near[0]}? " if near else ""
        raise ConfigError(f"unknown target {name!r}", hint=f"{guess}the targets are {', '.join(kinds)}")
    return found


def _sources(
    defaults: Mapping[str, str],
    file: ConfigFile | None,
    chosen: str,
    variables: Mapping[str, str],
    given: Mapping[str, str],
    *,
    on_aws: bool,
) -> list[tuple[Mapping[str, str], _Told]]:
    found: list[tuple[Mapping[str, str], _Told]] = [(defaults, lambda _: "default")]
    if file is not None:
        place = file.place
        common = {name: value for name, value in file.common.items() if not (on_aws and name in _LOCAL_ONLY)}
        found.append((common, lambda name: f"{place}: {name}"))
        table = chosen if chosen in file.targets else chosen.lower()
        found.append((file.targets.get(table, {}), lambda name: f"{place}: targets.{table}.{name}"))
    found.append((variables, lambda name: f"LAKEBENCH_{name.upper()}"))
    found.append((given, lambda name: f"--{name.replace('_', '-')}"))
    return found
