"""Random well-typed expressions: a small grammar over all types, each rule made for the type that is asked for.

An expression may fail when it runs (a division by zero, a cast of a text that is no number); it may not be
of another type than it was made for, and nothing in it may be unknown to the resolver.
"""

from __future__ import annotations

from hypothesis import strategies as st

SCALARS = (
    *("boolean", "integer", "bigint", "double", "decimal(10,2)", "varchar", "date", "timestamp(3)"),
    *("timestamp(9)", "timestamp(3) with time zone", "time(3)", "time(6) with time zone"),
    *("interval day to second", "interval year to month", "varbinary"),
)
LITERALS = {
    "boolean": ("true", "false"),
    "integer": ("0", "1", "-7", "2147483647"),
    "bigint": ("bigint '0'", "3000000000", "bigint '-9223372036854775807'"),
    "double": ("0e0", "1.5e0", "-2.25e0", "nan()", "infinity()"),
    "decimal(10,2)": ("cast(1.25 as decimal(10,2))", "cast(-99 as decimal(10,2))"),
    "varchar": (
        "cast('' as varchar)",
        "cast('abc' as varchar)",
        "cast('12' as varchar)",
        "cast('ñ,b' as varchar)",
    ),
    "date": ("date '2020-02-29'", "date '1969-12-31'", "date '0001-01-01'", "date '12345-06-07'"),
    "timestamp(3)": ("timestamp '2020-02-29 12:34:56.789'", "timestamp '1960-01-01 00:00:00.001'"),
    "timestamp(9)": (
        "timestamp '2020-02-29 12:34:56.123456789'",
        "timestamp '1960-01-01 00:00:00.999999999'",
    ),
    "timestamp(3) with time zone": (
        "timestamp '2020-02-29 12:34:56.789 UTC'",
        "timestamp '2020-06-01 01:00:00.000 America/New_York'",
        "timestamp '1999-12-31 23:59:59.999 +05:30'",
    ),
    "time(3)": ("time '12:34:56.789'", "time '23:59:59.999'", "time '00:00:00.000'"),
    "time(6) with time zone": ("time '12:34:56.123456 +05:30'", "time '00:00:00.000000 -08:00'"),
    "interval day to second": ("interval '1' day", "interval '-90' minute", "interval '1.5' second"),
    "interval year to month": ("interval '14' month", "interval '-1' year"),
    "varbinary": ("x''", "x'0a0b'"),
}
# What makes a value of a type: `{type}` stands for an expression of that type.
RULES = {
    "boolean": (
        *("{integer} < {bigint}", "{varchar} like 'a%'", "not {boolean}", "{boolean} and {boolean}"),
        *("{date} <= {timestamp(3)}", "{timestamp(9)} > {timestamp(3)}", "{double} = {double}"),
        *("{timestamp(3) with time zone} = {timestamp(3)}", "{time(3)} < {time(6) with time zone}"),
        *("{integer} is distinct from {integer}", "{varchar} in ({varchar}, {varchar})"),
        *("contains({array(integer)}, {integer})", "{array(varchar)} = {array(varchar)}"),
        *(
            "{row(integer, varchar)} = {row(integer, varchar)}",
            "any_match({array(integer)}, x -> x > {integer})",
        ),
        *(
            "{map(varchar, integer)} = {map(varchar, integer)}",
            "arrays_overlap({array(date)}, {array(date)})",
        ),
    ),
    "integer": (
        *("{integer} + {integer}", "{integer} / {integer}", "cast({double} as integer)"),
        *(
            "cast({varchar} as integer)",
            "{array(integer)}[{integer}]",
            "element_at({array(integer)}, {integer})",
        ),
        *("element_at({map(varchar, integer)}, {varchar})", "{row(integer, varchar)}[1]"),
        *("reduce({array(integer)}, {integer}, (s, x) -> s + x, s -> s)", "array_max({array(integer)})"),
    ),
    "bigint": (
        *("{bigint} + {integer}", "length({varchar})", "cardinality({array(date)})", "year({date})"),
        *("date_diff('day', {date}, {date})", "date_diff('hour', {timestamp(3)}, {timestamp(9)})"),
        *("extract(second from {time(3)})", "to_milliseconds({interval day to second})"),
        *("timezone_hour({timestamp(3) with time zone})", "array_position({array(varchar)}, {varchar})"),
        *("week({timestamp(3) with time zone})", "cardinality({map(varchar, integer)})"),
    ),
    "double": (
        *(
            "{double} * {integer}",
            "sqrt({double})",
            "cast({varchar} as double)",
            "to_unixtime({timestamp(3)})",
        ),
        *("cast({decimal(10,2)} as double)", "dot_product({array(double)}, {array(double)})"),
    ),
    "decimal(10,2)": ("cast({integer} as decimal(10,2))", "cast({decimal(10,2)} + 1 as decimal(10,2))"),
    "varchar": (
        *("upper({varchar})", "concat({varchar}, {varchar})", "cast({integer} as varchar)"),
        *("cast({timestamp(9)} as varchar)", "cast({timestamp(3) with time zone} as varchar)"),
        *(
            "cast({time(6) with time zone} as varchar)",
            "cast({double} as varchar)",
            "cast({date} as varchar)",
        ),
        *("date_format({timestamp(3)}, '%Y-%m-%d %H:%i:%s')", "to_iso8601({timestamp(9)})"),
        *(
            "format_datetime({timestamp(3) with time zone}, 'yyyy-MM-dd HH:mm ZZ')",
            "substr({varchar}, {integer})",
        ),
        *("array_join({array(varchar)}, ',')", "array_join({array(double)}, ',', 'x')"),
        *("{row(integer, varchar)}[2]", "cast({interval day to second} as varchar)"),
    ),
    "date": (
        *(
            "date_add('month', {integer}, {date})",
            "{date} + {interval year to month}",
            "cast({varchar} as date)",
        ),
        *("date_trunc('week', {date})", "cast({timestamp(9)} as date)", "last_day_of_month({timestamp(3)})"),
        *("{array(date)}[1]", "date({timestamp(3) with time zone})"),
    ),
    "timestamp(3)": (
        *("{timestamp(3)} + {interval day to second}", "cast({timestamp(9)} as timestamp(3))"),
        *("date_add('second', {integer}, {timestamp(3)})", "cast({date} as timestamp)"),
        *("date_parse({varchar}, '%Y-%m-%d')", "cast({timestamp(3) with time zone} as timestamp)"),
        "date_trunc('quarter', {timestamp(3)})",
    ),
    "timestamp(9)": (
        *("{timestamp(9)} - {interval year to month}", "cast({timestamp(3)} as timestamp(9))"),
        *("date_add('day', {integer}, {timestamp(9)})", "date_trunc('minute', {timestamp(9)})"),
        "cast({varchar} as timestamp(9))",
    ),
    "timestamp(3) with time zone": (
        *("{timestamp(3)} at time zone 'Asia/Kathmandu'", "with_timezone({timestamp(3)}, '+01:00')"),
        *("{timestamp(3) with time zone} + {interval day to second}", "from_unixtime({double})"),
        *("date_add('month', {integer}, {timestamp(3) with time zone})", "from_iso8601_timestamp({varchar})"),
        "cast({timestamp(9)} as timestamp(3) with time zone)",
    ),
    "time(3)": (
        *(
            "{time(3)} + {interval day to second}",
            "cast({timestamp(3)} as time(3))",
            "date_trunc('hour', {time(3)})",
        ),
        "cast({time(6) with time zone} as time(3))",
    ),
    "time(6) with time zone": (
        *("cast({time(3)} as time(6) with time zone)", "{time(6) with time zone} - {interval day to second}"),
        "cast({timestamp(3) with time zone} as time(6) with time zone)",
    ),
    "interval day to second": (
        *("{date} - {date}", "{timestamp(9)} - {timestamp(3)}", "{interval day to second} * {integer}"),
        *("{interval day to second} / {double}", "-{interval day to second}"),
    ),
    "interval year to month": (
        "{interval year to month} * {integer}",
        "{interval year to month} + {interval year to month}",
    ),
    "varbinary": ("to_utf8({varchar})", "{varbinary} || {varbinary}"),
}
# Rules of every container; `{T}` is the element's type.
ARRAY_RULES = (
    *(
        "array[{T}, {T}, null]",
        "array[{T}]",
        "reverse({array(T)})",
        "slice({array(T)}, {integer}, {integer})",
    ),
    *("{array(T)} || {T}", "transform({array(T)}, x -> x)", "filter({array(T)}, x -> x is not null)"),
    *("repeat({T}, 2)", "flatten(array[{array(T)}, {array(T)}])", "shuffle({array(T)})"),
    "zip_with({array(T)}, {array(T)}, (x, y) -> coalesce(x, y))",
)
ARRAYS = ("integer", "varchar", "date", "double")
CONTAINERS = {
    **{f"array({kind})": tuple(rule.replace("T", kind) for rule in ARRAY_RULES) for kind in ARRAYS},
    "map(varchar, integer)": (
        *(
            "map(array[{varchar}], array[{integer}])",
            "map_filter({map(varchar, integer)}, (k, v) -> v > {integer})",
        ),
        "map_concat({map(varchar, integer)}, {map(varchar, integer)})",
        "transform_values({map(varchar, integer)}, (k, v) -> v + {integer})",
    ),
    "row(integer, varchar)": (
        "row({integer}, {varchar})",
        "cast(row({double}, {date}) as row(integer, varchar))",
    ),
}
ANY = (
    *("if({boolean}, {T}, {T})", "coalesce({T}, {T})", "case when {boolean} then {T} else {T} end"),
    *("nullif({T}, {T})", "try({T})", "cast(null as {T!})"),
)
TYPES = (*SCALARS, *CONTAINERS)


@st.composite
def expressions(draw: st.DrawFn, kind: str, depth: int) -> str:
    """An expression of a type, with so many levels of calls at most."""
    if depth == 0 and kind in LITERALS:
        return draw(st.sampled_from(LITERALS[kind]))
    own = (*RULES.get(kind, ()), *CONTAINERS.get(kind, ()))
    anything = tuple(rule.replace("{T!}", kind).replace("{T}", f"{{{kind}}}") for rule in ANY)
    rules = (*LITERALS.get(kind, ()), *own, *anything) if depth else own[:1]
    return _filled(draw, draw(st.sampled_from(rules)), max(depth - 1, 0))


def _filled(draw: st.DrawFn, rule: str, depth: int) -> str:
    out, rest = "", rule
    while "{" in rest:
        before, _, after = rest.partition("{")
        kind, _, rest = after.partition("}")
        out += f"{before}({draw(expressions(kind, depth))})"
    return out + rest


def typed_expressions(depth: int = 3) -> st.SearchStrategy[tuple[str, str]]:
    """A type's name and an expression of it."""
    return st.sampled_from(TYPES).flatmap(lambda kind: st.tuples(st.just(kind), expressions(kind, depth)))
