"""Functions on texts (Trino: functions/string); code points are the unit of all of them."""

from __future__ import annotations

from collections.abc import Callable

from lakebench.catalog import DataType
from lakebench.sql import types
from lakebench.sql.formatting import write_format, write_format_number
from lakebench.sql.signatures import Call, Function, Types, fixed, same, unbounded, widest


def _row(
    name: str,
    arguments: str,
    returns: str | Callable[[Types], DataType | None],
    sql: str | Callable[[Call], str],
) -> Function:
    result = fixed(returns) if isinstance(returns, str) else returns
    return Function(name=name, arguments=arguments, returns=result, sql=sql)


def _concat(call: Call) -> str:
    """Strings or arrays; NULL in, NULL out (DuckDB's own concat passes over NULL)."""
    return "(" + " || ".join(call.texts) + ")"


def _concat_type(given: Types) -> DataType | None:
    return widest([unbounded(t) for t in given])


def _char_or_varchar(given: Types) -> DataType | None:
    """A char stays a char of its length; any varchar is unbounded."""
    return given[0] if types.is_named(given[0], "char") else types.VARCHAR


def padded(form: str) -> Callable[[Call], str]:
    """The function of a char is padded to the char's length again."""

    def write(call: Call) -> str:
        text = form.format(*call.texts)
        kind = call.types[0]
        return (
            f"rpad({text}, {kind.parameters[0]}, ' ')" if kind is not None and kind.name == "char" else text
        )

    return write


def _normalize(call: Call) -> str:
    """NFC without a form."""
    form = "NFC" if len(call.nodes) == 1 else call.nodes[1].name
    return (
        f"nfc_normalize({call.texts[0]})" if form == "NFC" else f"lb_py_normalize({call.texts[0]}, '{form}')"
    )


def _levenshtein(call: Call) -> str:
    left, right = call.texts
    plain = f"strlen({left}) = length({left}) AND strlen({right}) = length({right})"
    return (
        f"(CASE WHEN {plain} THEN CAST(levenshtein({left}, {right}) AS BIGINT) "
        f"ELSE lb_py_levenshtein({left}, {right}) END)"
    )


def _split_to_map(call: Call) -> str:
    if len(call.texts) == 3:
        return "lb_split_map(lb_py_split_pairs({}, {}, {}, true))".format(*call.texts)
    key, entry, first, second = (call.fresh(letter) for letter in "keab")
    body = call.apply(call.nodes[3], key, first, second)
    pairs = "lb_py_split_pairs({}, {}, {}, false)".format(*call.texts[:3])
    values = (
        f"list_transform(list_filter({pairs}, lambda {entry}: {entry}.k = {key}), lambda {entry}: {entry}.v)"
    )
    merged = f"list_reduce({values}, lambda {first}, {second}: {body})"
    keys = f"lb_array_distinct(list_transform({pairs}, lambda {entry}: {entry}.k))"
    return f"map({keys}, list_transform({keys}, lambda {key}: {merged}))"


def _merged(_: Types) -> tuple[DataType | None, ...]:
    return (types.VARCHAR, types.VARCHAR, types.VARCHAR)


_MULTIMAP = "lb_split_multimap(lb_py_split_pairs({0}, {1}, {2}, false))"
TEXTS = [
    _row("upper", "v", _char_or_varchar, padded("lb_upper({0})")),
    _row("lower", "v", _char_or_varchar, padded("lower({0})")),
    _row("length", "v", "bigint", "length({0})"),
    _row("reverse", "v", "varchar", "lb_reverse({0})"),
    _row("reverse", "a", same(0), "list_reverse({0})"),
    _row("concat", "vvv*", "varchar", _concat),
    _row("concat", "vv", "varchar", _concat),
    _row("concat", "aaa*", _concat_type, _concat),
    _row("concat", "aa", _concat_type, _concat),
    _row("concat_ws", "vvv*", "varchar", "concat_ws({all})"),
    _row("concat_ws", "va", "varchar", "lb_concat_ws({0}, {1})"),
    _row("concat_ws", "vv", "varchar", "concat_ws({all})"),
    *(
        _row(name, arguments, _char_or_varchar, padded(sql))
        for name in ("substr", "substring")
        for arguments, sql in [("vi", "lb_substr({0}, {1})"), ("vii", "lb_substr({0}, {1}, {2})")]
    ),
    _row("format", "vxx*", "varchar", write_format),
    _row("format", "vx", "varchar", write_format),
    _row("format_number", "n", "varchar", write_format_number),
    _row("strpos", "vvi", "bigint", "CAST(lb_strpos_at({0}, {1}, {2}) AS BIGINT)"),
    _row("strpos", "vv", "bigint", "strpos({0}, {1})"),
    _row("position", "vv", "bigint", "strpos({1}, {0})"),
    _row("replace", "vv", "varchar", "replace({0}, {1}, '')"),
    _row("replace", "vvv", "varchar", "lb_replace({0}, {1}, {2})"),
    _row("trim", "v", _char_or_varchar, padded("lb_trim({0})")),
    _row("ltrim", "v", _char_or_varchar, padded("lb_ltrim({0})")),
    _row("rtrim", "v", _char_or_varchar, padded("lb_rtrim({0})")),
    _row("trim", "vv", _char_or_varchar, padded("trim({0}, {1})")),
    _row("ltrim", "vv", _char_or_varchar, padded("ltrim({0}, {1})")),
    _row("rtrim", "vv", _char_or_varchar, padded("rtrim({0}, {1})")),
    _row("lpad", "viv", "varchar", "lb_lpad({0}, {1}, {2})"),
    _row("rpad", "viv", "varchar", "lb_rpad({0}, {1}, {2})"),
    _row("split", "vv", "array(varchar)", "lb_split({0}, {1})"),
    _row("split", "vvi", "array(varchar)", "lb_split_limit({0}, {1}, {2})"),
    _row("split_part", "vvi", "varchar", "lb_split_part({0}, {1}, {2})"),
    _row("split_to_map", "vvv", "map(varchar, varchar)", _split_to_map),
    Function(
        name="split_to_map",
        arguments="vvvl",
        returns=fixed("map(varchar, varchar)"),
        sql=_split_to_map,
        lambdas=_merged,
    ),
    _row(
        "split_to_multimap",
        "vvv",
        "map(varchar, array(varchar))",
        "lb_split_multimap(lb_py_split_pairs({0}, {1}, {2}, false))",
    ),
    _row("starts_with", "vv", "boolean", "starts_with({0}, {1})"),
    _row("chr", "i", "varchar", "lb_chr({0})"),
    _row("codepoint", "v", "integer", "lb_codepoint({0})"),
    _row("translate", "vvv", "varchar", "lb_translate({0}, {1}, {2})"),
    _row("soundex", "v", "varchar", "lb_py_soundex({0})"),
    _row("luhn_check", "v", "boolean", "lb_py_luhn_check({0})"),
    _row("levenshtein_distance", "vv", "bigint", _levenshtein),
    _row("hamming_distance", "vv", "bigint", "lb_hamming({0}, {1})"),
    _row("normalize", "v", "varchar", _normalize),
    _row("normalize", "vv", "varchar", _normalize),
    _row("parse_data_size", "v", "decimal(38,0)", "lb_py_parse_data_size({0})"),
    _row("parse_presto_data_size", "v", "decimal(38,0)", "lb_py_parse_data_size({0})"),
    _row("char2hexint", "v", "varchar", "lb_py_char2hexint({0})"),
]
