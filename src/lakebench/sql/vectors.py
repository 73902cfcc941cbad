"""Vectors as arrays of numbers, and sparse ones as maps (Trino: functions/array, functions/math)."""

from __future__ import annotations

from lakebench.sql.signatures import Function, fixed

MACROS = r"""
lb_vectors(a, b, value) AS CASE WHEN a IS NULL OR b IS NULL OR list_count(a) < len(a) \
OR list_count(b) < len(b) THEN NULL WHEN lb_argument(len(a) = len(b), \
'The arguments must have the same length') THEN value END
lb_sum_of(a) AS coalesce(list_reduce(a, lambda lb_s, lb_x: lb_s + lb_x, 0e0), 0e0)
lb_dot(a, b) AS lb_sum_of(list_transform(list_zip(a, b), lambda lb_x: lb_x[1] * lb_x[2]))
lb_squares(a) AS lb_sum_of(list_transform(a, lambda lb_x: lb_x * lb_x))
lb_dot_product(a, b) AS lb_vectors(a, b, lb_dot(a, b))
lb_euclidean(a, b) AS lb_vectors(a, b, sqrt(lb_sum_of(list_transform(list_zip(a, b), \
lambda lb_x: (lb_x[1] - lb_x[2]) * (lb_x[1] - lb_x[2])))))
lb_cosine(a, b) AS lb_vectors(a, b, CASE WHEN lb_argument(lb_squares(a) <> 0 AND lb_squares(b) <> 0, \
'Vector magnitude cannot be zero') THEN lb_dot(a, b) / sqrt(lb_squares(a) * lb_squares(b)) END)
lb_map_cosine(a, b) AS CASE WHEN len(map_keys(a)) = 0 OR len(map_keys(b)) = 0 \
OR list_count(map_values(a)) < len(map_keys(a)) \
OR list_count(map_values(b)) < len(map_keys(b)) THEN NULL ELSE \
lb_sum_of(list_transform(map_entries(a), lambda lb_e: lb_e.value * coalesce(b[lb_e.key], 0e0))) \
/ (sqrt(lb_squares(map_values(a))) * sqrt(lb_squares(map_values(b)))) END
"""


def _vector(name: str, macro: str, form: str = "{0}") -> Function:
    call = f"{macro}(CAST({{0}} AS DOUBLE[]), CAST({{1}} AS DOUBLE[]))"
    return Function(name=name, arguments="aa", returns=fixed("double"), sql=form.format(call))


VECTORS = [
    _vector("dot_product", "lb_dot_product"),
    _vector("euclidean_distance", "lb_euclidean"),
    _vector("cosine_similarity", "lb_cosine"),
    _vector("cosine_distance", "lb_cosine", "(1e0 - {0})"),
    Function(
        name="cosine_similarity",
        arguments="mm",
        returns=fixed("double"),
        sql="lb_map_cosine(CAST({0} AS MAP(VARCHAR, DOUBLE)), CAST({1} AS MAP(VARCHAR, DOUBLE)))",
    ),
    Function(
        name="cosine_distance",
        arguments="mm",
        returns=fixed("double"),
        sql="(1e0 - lb_map_cosine(CAST({0} AS MAP(VARCHAR, DOUBLE)), CAST({1} AS MAP(VARCHAR, DOUBLE))))",
    ),
]
