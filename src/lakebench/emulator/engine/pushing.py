"""IN lists and ORs that DuckDB's reader applies itself, before it reads the other columns.

Of ``b IN (3, 500)`` DuckDB pushes into its Parquet reader only a hint for row groups, and filters after all
columns were read. The truth of the choice is pushed whole: then a column is read only where a row passes, and
the log of the reads tells where that was. The choice itself stays beside it, for the hint.
"""

from __future__ import annotations

from sqlglot import exp

from lakebench.metering.domains import is_choice


def with_choices_pushed(tree: exp.Expression) -> exp.Expression:
    """The tree in which each choice that WHERE asks of a column alone is asked as a truth as well."""
    if not any(any(map(is_choice, _conjuncts(where))) for where in tree.find_all(exp.Where)):
        return tree
    tree = tree.copy()
    for where in list(tree.find_all(exp.Where)):
        for condition in _conjuncts(where):
            if is_choice(condition):
                truth = exp.Is(this=exp.Paren(this=condition.copy()), expression=exp.true())
                condition.replace(exp.And(this=exp.Paren(this=condition.copy()), expression=truth))
    return tree


def _conjuncts(where: exp.Where) -> list[exp.Expr]:
    """The conditions that each must be true, without their parentheses."""
    found, left = [], [where.this]
    while left:
        condition = left.pop().unnest()
        if isinstance(condition, exp.And):
            left += [condition.this, condition.expression]
        else:
            found.append(condition)
    return found
