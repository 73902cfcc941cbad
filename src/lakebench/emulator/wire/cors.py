"""A bucket's CORS rule, as far as it says who may ask."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class CorsRule:
    """One rule of a bucket's CORS configuration: origins (one ``*`` each at most) and methods."""

    origins: tuple[str, ...]
    methods: tuple[str, ...]

    def allows(self, origin: str, method: str) -> bool:
        """Whether the rule names this origin, whole, and this method."""
        patterns = (".*".join(map(re.escape, allowed.split("*"))) for allowed in self.origins)
        return method in self.methods and any(re.fullmatch(pattern, origin) for pattern in patterns)
