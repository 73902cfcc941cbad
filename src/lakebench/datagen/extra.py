"""The data generator's own packages, which the base install does not carry."""

from __future__ import annotations

from importlib.util import find_spec

from lakebench.errors import ConfigError

_PACKAGES = ("faker", "numpy")


def require_packages(packages: tuple[str, ...] = _PACKAGES) -> None:
    """Check that the generator's packages are installed; raises ConfigError with the pip command."""
    missing = [name for name in packages if find_spec(name) is None]
    if missing:
        raise ConfigError(
            f"generating data needs {' and '.join(missing)}, which {_is_are(missing)} not installed",
            hint='pip install "athena-lakebench[datagen]"',
        )


def _is_are(names: list[str]) -> str:
    return "is" if len(names) == 1 else "are"
