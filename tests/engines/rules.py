"""The expressions that both engines run and answer differently, as docs/dialect.md lists them.

One list, however long: a rule is found by reading down.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sqlglot import exp


@dataclass(frozen=True)
class Rule:
    """What is refused, why, and what to write.

    Attributes:
        name: as docs/dialect.md has it.
        differs: what each engine makes of it.
        instead: what to write.
        refuses: whether a node of the syntax tree is refused.
        names: functions that are refused by their name, as it was written.
        prefix: how the name of a function begins that is refused.
        tokens: what else is refused as it was written, since the tree no longer shows it.
    """

    name: str
    differs: str
    instead: str
    refuses: Callable[[exp.Expression], bool] | None = None
    names: tuple[str, ...] = ()
    prefix: str | None = None
    tokens: tuple[str, ...] = ()

    def refuses_token(self, text: str, is_call: bool) -> bool:
        """Whether a word or sign is refused; a call is a name before a parenthesis."""
        if is_call and self.prefix and text.lower().startswith(self.prefix):
            return True
        return text in self.tokens or (is_call and text.lower() in self.names)


def _is(node: exp.Expression | None, *kinds: exp.DataType.Type) -> bool:
    return node is not None and node.type is not None and node.type.this in kinds


def _fractional(node: exp.Expression | None) -> bool:
    return _double(node) or (_decimal(node) and not _without_digits(node))


def _double(node: exp.Expression | None) -> bool:
    return _is(node, exp.DType.DOUBLE, exp.DType.FLOAT)


def _decimal(node: exp.Expression | None) -> bool:
    return _is(node, exp.DType.DECIMAL)


def _without_digits(node: exp.Expression | None) -> bool:
    """Whether a decimal's type says that it has no digits after the point."""
    assert node is not None and node.type is not None
    parameters = [one.name for one in node.type.expressions]
    return parameters[1:] == ["0"]


def _whole(node: exp.Expression | None) -> bool:
    return (
        node is not None and node.type is not None and node.type.this in exp.DataType.INTEGER_TYPES
    )


def _casts_a_fraction(node: exp.Expression) -> bool:
    if not isinstance(node, exp.Cast) or node.to.this not in exp.DataType.INTEGER_TYPES:
        return False
    held = node.this.unnest()
    return _fractional(held) and not isinstance(held, (exp.Floor, exp.Ceil, exp.Round))


def _rounds_doubles(node: exp.Expression) -> bool:
    digits = node.args.get("decimals") if isinstance(node, exp.Round) else None
    return digits is not None and digits.sql() != "0" and not _decimal(node.this)


def _casts_a_quotient_of_doubles(node: exp.Expression) -> bool:
    if not isinstance(node, exp.Cast) or not _is(node, exp.DType.DECIMAL):
        return False
    quotient = node.this.unnest()
    return isinstance(quotient, exp.Div) and not isinstance(quotient.left.unnest(), exp.Round)


def _divides_decimals(node: exp.Expression) -> bool:
    if isinstance(node, exp.Avg):
        return not _double(node.this)
    if not isinstance(node, exp.Div):
        return False
    sides = (node.left.unnest(), node.right.unnest())
    # A literal 1000.0 is a decimal on both, and makes the quotient of whole numbers one on Spark.
    return any(map(_decimal, sides)) and not any(map(_double, sides))


def _sums_whole_numbers(node: exp.Expression) -> bool:
    if not isinstance(node, exp.Sum) or not _whole(node.this):
        return False
    around = node.parent
    while isinstance(around, (exp.Paren, exp.Coalesce, exp.Window, exp.Filter)):
        around = around.parent
    return not isinstance(around, (exp.Cast, exp.Predicate))


def _divides_by_what_may_be_zero(node: exp.Expression) -> bool:
    if not isinstance(node, (exp.Div, exp.Mod)):
        return False
    by = node.right.unnest()
    while isinstance(by, (exp.Cast, exp.Mul, exp.Paren)):
        if isinstance(by, exp.Mul):
            if not all(
                isinstance(side.unnest(), (exp.Literal, exp.Nullif)) for side in by.flatten()
            ):
                return True
            by = by.left
        else:
            by = by.this
    if isinstance(by, exp.Literal):
        return by.is_string or float(by.name) == 0
    return not isinstance(by, exp.Nullif)


def _leaves_nulls_anywhere(node: exp.Expression) -> bool:
    """Ascending, in a window or before a limit. Contracts are asked by the column's name alone."""
    if not isinstance(node, exp.Ordered) or node.args.get("desc"):
        return False
    if node.meta["says_nulls"] or node.meta["never_null"]:
        return False
    around = node.find_ancestor(exp.Window, exp.Select, exp.WithinGroup)
    limited = isinstance(around, exp.Select) and around.args.get("limit") is not None
    return isinstance(around, exp.Window) or limited


def _counts_with_times(node: exp.Expression) -> bool:
    if isinstance(node, exp.Interval):
        return True
    if not isinstance(node, (exp.Add, exp.Sub)):
        return False
    sides = (node.left.unnest(), node.right.unnest())
    return any(_is(side, *exp.DataType.TEMPORAL_TYPES) for side in sides)


def _names_a_moments_type(node: exp.Expression) -> bool:
    zoned = (exp.DType.TIMESTAMP, exp.DType.TIMESTAMPNTZ, exp.DType.TIMESTAMPTZ)
    return isinstance(node, exp.Cast) and node.to.this in zoned


def _extracts_otherwise(node: exp.Expression) -> bool:
    parts = {"DOW", "DAYOFWEEK", "DOW_ISO", "SECOND", "SECONDS", "EPOCH"}
    return isinstance(node, exp.Extract) and node.name.upper() in parts


def _writes_doubles(node: exp.Expression) -> bool:
    return (
        isinstance(node, exp.Cast)
        and node.to.this in exp.DataType.TEXT_TYPES
        and _double(node.this.unnest())
    )


def _groups_unnamed(node: exp.Expression) -> bool:
    # Without one, sqlglot reads a 0.
    if not isinstance(node, exp.RegexpExtract):
        return False
    group = node.args.get("group")
    return group is None or group.sql() == "0"


def _one_argument_log(node: exp.Expression) -> bool:
    return isinstance(node, exp.Log) and node.args.get("expression") is None


def _begins_at_zero(node: exp.Expression) -> bool:
    return isinstance(node, exp.Substring) and node.args["start"].sql() == "0"


def _backslash(node: exp.Expression) -> bool:
    return isinstance(node, exp.Literal) and node.is_string and "\\" in node.name


def _collects_in_order(node: exp.Expression) -> bool:
    return isinstance(node, (exp.ArrayAgg, exp.GroupConcat)) and node.find(exp.Order) is not None


RULES = [
    Rule(
        "order of nulls",
        "DuckDB puts NULL last, Spark first, where a window or a limit goes up",
        "`nulls last`, unless a contract says `not_null` of the column",
        refuses=_leaves_nulls_anywhere,
    ),
    Rule(
        "greatest by a key",
        "where the value is NULL, DuckDB passes the row over, Spark gives NULL",
        "`first_by` or `last_by`",
        names=("min_by", "max_by", "arg_min", "arg_max"),
    ),
    Rule(
        "any of several",
        "which one it is hangs on the order in which threads bring them",
        "`first_by`, `last_by`, `min` or `max`",
        names=("any_value", "arbitrary", "first", "last", "mode"),
    ),
    Rule(
        "fraction to whole number",
        "DuckDB rounds 2.5 to 3 (a decimal) or 2 (a double), Spark cuts off",
        "`cast(floor(x) as …)`, or `ceil`, `round`",
        refuses=_casts_a_fraction,
    ),
    Rule(
        "round to digits",
        "1.005 as a double is rounded to 1.0 or 1.01",
        "`round(x * 100) / 100`, or cast to a decimal before",
        refuses=_rounds_doubles,
    ),
    Rule(
        "quotient to decimal",
        "half a cent as a double, such as 934.02 / 12, is cast to 77.83 or 77.84",
        "`money_per`",
        refuses=_casts_a_quotient_of_doubles,
    ),
    Rule(
        "quotient of decimals",
        "a double in DuckDB, a decimal with digits of its own choice in Spark",
        "`cast(x as double)` of what is divided or averaged",
        refuses=_divides_decimals,
    ),
    Rule(
        "division by zero",
        "infinity or NULL in DuckDB, an error in Spark",
        "`x / nullif(y, 0)`",
        refuses=_divides_by_what_may_be_zero,
    ),
    Rule(
        "sum of whole numbers",
        "a hugeint in DuckDB, which no contract and no other engine has; a bigint in Spark",
        "`cast(sum(x) as bigint)`",
        refuses=_sums_whole_numbers,
    ),
    Rule(
        "text of a double",
        "1e+20 in DuckDB, 1.0E20 in Spark",
        "a cast to a decimal before",
        refuses=_writes_doubles,
    ),
    Rule(
        "logarithm",
        "log(x) is of base 10 in DuckDB, of e in Spark",
        "`ln` or `log10`",
        refuses=_one_argument_log,
    ),
    Rule(
        "concat",
        "DuckDB leaves NULL out, Spark gives NULL",
        "`||`, with `coalesce` where a part may be missing",
        names=("concat",),
    ),
    Rule(
        "hash",
        "each engine has its own",
        "`md5`, or `event_key` within one warehouse",
        names=("hash",),
    ),
    Rule(
        "estimate",
        "each engine estimates in its own way",
        "`count(distinct x)`, `percentile_disc`",
        names=(
            "approx_count_distinct",
            "approx_quantile",
            "approx_percentile",
            "approx_top_k",
            "percentile_approx",
        ),
    ),
    Rule(
        "quantile between values",
        "the last bit differs where two values are weighed",
        "`percentile_disc`",
        names=("percentile_cont", "quantile_cont", "quantile", "percentile", "median"),
    ),
    Rule(
        "list in an order",
        "Spark's grammar has no order in it, and without one the list hangs on threads",
        "a window before, `first_by`, or a new macro of macros/dialect",
        refuses=_collects_in_order,
    ),
    Rule(
        "place in a list",
        "counted from 1 in DuckDB, from 0 in Spark",
        "`array_item`",
        refuses=lambda node: isinstance(node, exp.Bracket),
    ),
    Rule(
        "split",
        "the separator is a text in DuckDB, a regular expression in Spark",
        "`split_part`",
        names=("split", "string_split", "str_split", "regexp_split_to_array"),
    ),
    Rule(
        "group of a match",
        "without a group DuckDB gives the whole match, Spark the first group",
        "`regexp_extract(x, pattern, 1)`",
        refuses=_groups_unnamed,
    ),
    Rule(
        "regexp_replace",
        "DuckDB replaces the first match, Spark every one",
        "`replace`, or a new macro of macros/dialect",
        names=("regexp_replace",),
    ),
    Rule(
        "backslash",
        "Spark takes it for an escape, DuckDB for itself",
        "`[.]` for a point, `chr(10)` for a new line",
        refuses=_backslash,
    ),
    Rule(
        "substring from 0",
        "DuckDB counts a place before the first, Spark does not",
        "`substring(x, 1, n)`",
        refuses=_begins_at_zero,
    ),
    Rule(
        "upper",
        "ß becomes SS in Spark alone",
        "`lower`, which differs for the Turkish İ and a Greek final Σ only",
        names=("upper", "ucase", "initcap"),
    ),
    Rule(
        "part of a moment",
        "Sunday is 0 in DuckDB, 1 in Spark; seconds are whole in DuckDB, with a fraction in Spark",
        "arithmetic on `epoch_us`",
        refuses=_extracts_otherwise,
        names=("dayofweek", "weekday", "date_part", "datepart", "second"),
    ),
    Rule(
        "time between",
        "DuckDB counts the boundaries between, Spark what has gone by",
        "a difference of `epoch_us`",
        names=("datediff", "date_diff", "datesub", "timestampdiff", "age", "months_between"),
    ),
    Rule(
        "arithmetic with times",
        "a day plus an interval is a moment in DuckDB, a day in Spark",
        "`add_hours`, a difference of `epoch_us`, or a new macro of macros/dialect",
        refuses=_counts_with_times,
        names=("date_add", "dateadd", "date_sub", "timestampadd", "add_months"),
    ),
    Rule(
        "type of a moment",
        "a timestamp has no zone in DuckDB, one in Spark",
        "`timestamp_type()`, `timestamp_literal`, `parse_utc`",
        refuses=_names_a_moments_type,
        names=("to_timestamp", "date_trunc", "now"),
    ),
    Rule(
        "cast by colons",
        "it binds closer than a minus sign, and older Sparks do not read it",
        "`cast(x as …)`",
        tokens=("::",),
    ),
    Rule(
        "dbt's own macro",
        "its datediff, dateadd, listagg and safe_cast give what the engine gives",
        "a macro of macros/dialect; `dbt.type_string()` is the one that is the same",
        prefix="dbt_",
    ),
]
