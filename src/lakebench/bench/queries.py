"""The questions that the story asks of both tables: what an analyst of these sales would ask.

``{table}`` stands for the quoted table name. Every query with rows in an order says which, so that the
answers of both tables can be compared row by row.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryQuery:
    """A query of the story; ``titles`` by language, ``selective`` if it names a few columns only."""

    name: str
    titles: tuple[tuple[str, str], ...]
    template: str
    selective: bool

    def title(self, language: str) -> str:
        """The title in a language, English where there is none."""
        titles = dict(self.titles)
        return titles.get(language, titles["en"])

    def sql(self, table: str) -> str:
        """The statement over a table."""
        return self.template.format(table=f'"{table}"')


STORY_QUERIES: tuple[StoryQuery, ...] = (
    StoryQuery(
        name="region_category_2024",
        titles=(("en", "Region and category, 2024"), ("es", "Región y categoría, 2024")),
        template=(
            "SELECT region, categoria, round(sum(total), 2) AS importe\n"
            "FROM {table}\n"
            "WHERE fecha BETWEEN '2024-01-01' AND '2024-12-31'\n"
            "GROUP BY region, categoria\n"
            "ORDER BY region, categoria"
        ),
        selective=True,
    ),
    StoryQuery(
        name="payment_by_channel",
        titles=(("en", "Channel and payment"), ("es", "Canal y forma de pago")),
        template=(
            "SELECT canal, metodo_pago, count(*) AS ventas, round(sum(total), 2) AS importe\n"
            "FROM {table}\n"
            "GROUP BY canal, metodo_pago\n"
            "ORDER BY canal, metodo_pago"
        ),
        selective=True,
    ),
    StoryQuery(
        name="black_friday_2025",
        titles=(
            ("en", "Black Friday week 2025"),
            ("es", "Black Friday 2025"),
        ),
        template=(
            "SELECT fecha, sum(cantidad) AS piezas, round(sum(total), 2) AS importe\n"
            "FROM {table}\n"
            "WHERE fecha BETWEEN '2025-11-24' AND '2025-11-30'\n"
            "GROUP BY fecha\n"
            "ORDER BY fecha"
        ),
        selective=True,
    ),
    StoryQuery(
        name="count",
        titles=(("en", "count(*)"), ("es", "count(*)")),
        template="SELECT count(*) AS ventas FROM {table}",
        selective=False,
    ),
    StoryQuery(
        name="select_star",
        titles=(("en", "SELECT *, top 100"), ("es", "SELECT *, 100 mayores")),
        template="SELECT *\nFROM {table}\nORDER BY total DESC, id_venta\nLIMIT 100",
        selective=False,
    ),
)


def ctas_statement(*, source: str, table: str, external_location: str) -> str:
    """The seed's CTAS with its own names, Snappy said in words: Athena's default for Parquet is GZIP.

    Source of the default: facts/athena.md 4, CTAS/INSERT output.
    """
    return (
        f'CREATE TABLE "{table}"\n'
        "WITH (\n"
        "      format = 'PARQUET',\n"
        f"      external_location = '{external_location}',\n"
        "      write_compression = 'SNAPPY'\n"
        ") AS\n"
        f'SELECT * FROM "{source}"'
    )
