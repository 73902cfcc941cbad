"""What the access logs of a content delivery network point at: edges, countries, paths, agents.

No text holds a comma, a quote or a blank; CloudFront writes such characters percent-encoded too (AWS:
CloudFront, "Standard log file fields").
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Country:
    """A country, its share of the clients in thousandths, and the edges that serve it."""

    code: str
    weight: int
    edges: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of path: how its names are made, how many there are, how often it is asked for.

    ``size`` is the median of its answers in bytes, ``spread`` the sigma of their logarithm; ``hit`` the share
    answered from the cache; ``posts`` the share of POST among its requests.
    """

    prefix: str
    ending: str
    count: int
    weight: float
    size: int
    spread: float
    hit: float
    posts: float = 0.0


COUNTRIES: tuple[Country, ...] = (
    Country("ES", 340, ("MAD51-C1", "MAD53-P2", "BCN50-P1")),
    Country("MX", 160, ("QRO51-P1", "MIA50-C2")),
    Country("AR", 110, ("EZE50-P2", "GRU3-P1")),
    Country("CO", 90, ("BOG50-C1", "MIA50-C2")),
    Country("CL", 60, ("SCL51-P3",)),
    Country("PE", 50, ("LIM50-P1",)),
    Country("US", 90, ("IAD89-C1", "SFO5-P1", "MIA50-C2")),
    Country("FR", 40, ("CDG50-P3", "MRS52-P1")),
    Country("DE", 30, ("FRA56-P4",)),
    Country("GB", 20, ("LHR61-C2",)),
    Country("BR", 10, ("GRU3-P1",)),
)

HOSTS: tuple[tuple[str, float], ...] = (
    ("www.tienda.example", 0.62),
    ("img.tienda.example", 0.27),
    ("api.tienda.example", 0.11),
)

KINDS: tuple[Kind, ...] = (
    Kind("/", ".html", 60, 0.16, 18_000, 0.4, 0.72),
    Kind("/producto/", "", 900, 0.22, 24_000, 0.3, 0.55),
    Kind("/static/js/app.", ".js", 24, 0.10, 92_000, 0.5, 0.97),
    Kind("/static/css/tema.", ".css", 12, 0.08, 21_000, 0.4, 0.98),
    Kind("/img/", ".webp", 1_400, 0.31, 46_000, 0.8, 0.93),
    Kind("/api/v1/carrito/", "", 40, 0.07, 900, 0.6, 0.0, 0.45),
    Kind("/api/v1/buscar/", "", 80, 0.06, 5_200, 0.9, 0.12),
)

AGENTS: tuple[tuple[str, float, bool], ...] = (
    ("Mozilla/5.0%20(Windows%20NT%2010.0;%20Win64;%20x64)%20Chrome/131.0.0.0%20Safari/537.36", 0.34, False),
    ("Mozilla/5.0%20(iPhone;%20CPU%20iPhone%20OS%2018_1)%20Mobile/15E148%20Safari/604.1", 0.24, False),
    ("Mozilla/5.0%20(Linux;%20Android%2014)%20Chrome/131.0.0.0%20Mobile%20Safari/537.36", 0.22, False),
    (
        "Mozilla/5.0%20(Macintosh;%20Intel%20Mac%20OS%20X%2010_15_7)%20Safari/605.1",
        0.08,
        False,
    ),
    ("Mozilla/5.0%20(X11;%20Linux%20x86_64;%20rv:133.0)%20Gecko/20100101%20Firefox/133.0", 0.05, False),
    ("Mozilla/5.0%20(compatible;%20Googlebot/2.1;%20+http://www.google.com/bot.html)", 0.04, True),
    ("Mozilla/5.0%20(compatible;%20bingbot/2.0;%20+http://www.bing.com/bingbot.htm)", 0.02, True),
    ("python-requests/2.32.3", 0.01, True),
)

REFERERS: tuple[tuple[str, float], ...] = (
    ("https://www.tienda.example/", 0.55),
    ("https://www.google.com/", 0.28),
    ("https://l.instagram.com/", 0.10),
    ("https://boletin.tienda.example/noviembre", 0.07),
)

PROTOCOLS: tuple[tuple[str, float], ...] = (("HTTP/2.0", 0.71), ("HTTP/3.0", 0.24), ("HTTP/1.1", 0.05))

QUERIES: tuple[str, ...] = (
    "utm_source=boletin&utm_campaign=black-friday",
    "utm_source=google&utm_medium=cpc",
    "pagina=2",
    "pagina=3",
    "orden=precio",
    "talla=M",
)

HOUR_WEIGHTS: tuple[float, ...] = (
    0.45, 0.28, 0.18, 0.14, 0.13, 0.18, 0.34, 0.62, 0.86, 1.02, 1.12, 1.18,
    1.16, 1.20, 1.12, 1.06, 1.10, 1.18, 1.28, 1.42, 1.58, 1.66, 1.34, 0.86,
)  # fmt: skip
"""Requests by hour of the day (UTC)."""

DAY_WEIGHTS: tuple[float, ...] = (
    0.9, 0.95, 1.0, 0.98, 0.97, 0.99, 1.02, 0.92, 0.96, 1.01, 1.0, 0.98, 1.0, 1.04, 0.95, 0.97,
    1.04, 1.05, 1.06, 1.1, 1.18, 1.12, 1.1, 1.3, 1.45, 1.6, 1.9, 3.1, 2.2, 1.7,
)  # fmt: skip
"""Requests by day of MONTH: Black Friday is the 28th."""

MONTH = "2025-11"

BAD_HOURS: tuple[tuple[int, int], ...] = ((13, 3), (27, 20))
"""Day of the month and hour in which the origin failed more than it does."""
