"""Lists of queries that name each other: checked, and evaluated."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from tidegate.control.decisions.metric_maths.functions import FUNCTIONS, REFUSED
from tidegate.control.decisions.metric_maths.operators import applied
from tidegate.control.decisions.metric_maths.parsing import (
    FunctionCall,
    Items,
    Name,
    Node,
    Number,
    Operation,
    Text,
    names_in,
    parse,
)
from tidegate.control.decisions.metric_maths.values import (
    Grid,
    MathsError,
    TimeSeries,
    Value,
    Word,
    as_array,
)
from tidegate.domain.cloudwatch import MetricQuery

_ID = re.compile("[a-z][a-zA-Z0-9_]*")
# A grid of a year of minutes, in one expression.
SPANS_MAX = 500_000
_KEYWORDS = {"REPEAT", "LINEAR", "AVG", "MIN", "MAX", "SUM", "ASC", "DESC"}


def check_queries(queries: Sequence[MetricQuery]) -> None:
    """Raise MathsError where a list of queries has no meaning, whatever the metrics are."""
    known = [query.id for query in queries]
    for id_ in known:
        if _ID.fullmatch(id_) is None:
            raise MathsError(f"The value {id_} for the parameter Id is not matching the expected pattern")
        if known.count(id_) > 1:
            raise MathsError(f"The values for parameter id in MetricDataQueries are not unique: {id_}")
    trees = {query.id: _tree(query) for query in queries if query.stat is None}
    for id_, tree in trees.items():
        _check_calls(id_, tree)
        unknown = sorted(name for name in names_in(tree) - set(known) if name.upper() not in _KEYWORDS)
        if unknown:
            raise MathsError(f"Error in expression '{id_}': Undefined variable '{unknown[0]}'")
    _check_order(trees)


def results(
    queries: Sequence[MetricQuery], metrics: Mapping[str, TimeSeries], *, begin: int, end: int
) -> dict[str, tuple[TimeSeries, ...]]:
    """The time series of every query that returns data, by its id; `metrics`: those of the queries of
    metrics. Raises MathsError. The queries are checked already."""
    if spans_asked(queries, begin=begin, end=end) > SPANS_MAX:
        text = f"The expressions ask for more than {SPANS_MAX:,} data points"
        raise MathsError(f"{text}: shorten the time range or lengthen the period")
    evaluation = _Evaluation(queries, metrics, begin, end)
    return {query.id: evaluation.series(query) for query in queries if query.returns_data}


def spans_asked(queries: Sequence[MetricQuery], *, begin: int, end: int) -> int:
    """How many points the expressions may have, at the period of the grid: what evaluating them costs."""
    expressions = sum(1 for query in queries if query.stat is None)
    return expressions * -(-(end - begin) // _grid_period(queries))


def _grid_period(queries: Sequence[MetricQuery]) -> int:
    periods = [query.stat.period for query in queries if query.stat is not None]
    return max([*periods, *(query.period for query in queries if query.period)], default=60)


class _Evaluation:
    def __init__(
        self, queries: Sequence[MetricQuery], metrics: Mapping[str, TimeSeries], begin: int, end: int
    ) -> None:
        self._queries = {query.id: query for query in queries}
        self._metrics = metrics
        self._known: dict[str, Value] = dict(metrics)
        self._grid = Grid(begin=begin, end=end, period=_grid_period(queries))

    def series(self, query: MetricQuery) -> tuple[TimeSeries, ...]:
        value = self._value(query.id)
        if isinstance(value, float | Word):
            text = "an expression that returns data must be a Time Series or an Array of them"
            raise MathsError(f"Error in expression '{query.id}': {text}")
        return as_array(value)

    def _value(self, id_: str) -> Value:
        if id_ not in self._known:
            try:
                self._known[id_] = self._of(_tree(self._queries[id_]))
            except MathsError as error:
                text = str(error)
                if text.startswith("Error in expression"):
                    raise
                raise MathsError(f"Error in expression '{id_}': {text}") from error
        return self._known[id_]

    def _of(self, node: Node) -> Value:
        match node:
            case Number(value):
                return value
            case Text(text):
                return Word(text)
            case Name(text):
                return self._value(text) if text in self._queries else Word(text)
            case Operation("-", None, right):
                return applied("*", -1.0, self._of(right))
            case Operation(operator, left, right):
                assert left is not None
                return applied(operator, self._of(left), self._of(right))
            case Items(items):
                return tuple(series for item in items for series in as_array(self._of(item)))
            case FunctionCall("METRICS", arguments):
                return self._all_metrics(arguments)
            case FunctionCall(name, arguments):
                return FUNCTIONS[name].compute(self._grid, [self._of(item) for item in arguments])

    def _all_metrics(self, arguments: Sequence[Node]) -> Value:
        part = arguments[0].text if arguments and isinstance(arguments[0], Text) else ""
        return tuple(series for id_, series in self._metrics.items() if part in id_)


def _tree(query: MetricQuery) -> Node:
    try:
        return parse(query.expression)
    except MathsError as error:
        raise MathsError(f"Error in expression '{query.id}': {error}") from error


def _check_calls(id_: str, node: Node) -> None:
    if isinstance(node, FunctionCall):
        _check_call(id_, node)
    below: tuple[Node | None, ...] = ()
    if isinstance(node, FunctionCall):
        below = node.arguments
    elif isinstance(node, Items):
        below = node.items
    elif isinstance(node, Operation):
        below = (node.left, node.right)
    for item in below:
        if item is not None:
            _check_calls(id_, item)


def _check_call(id_: str, call: FunctionCall) -> None:
    name, count = call.name, len(call.arguments)
    if name == "METRICS":
        fewest, most = 0, 1
    elif name in REFUSED:
        raise MathsError(f"Error in expression '{id_}': Tidegate does not serve the function {name}")
    elif name not in FUNCTIONS:
        raise MathsError(f"Error in expression '{id_}': Unknown function '{name}'")
    else:
        fewest, most = FUNCTIONS[name].fewest, FUNCTIONS[name].most
    if not fewest <= count <= most:
        raise MathsError(
            f"Error in expression '{id_}': {name} takes {fewest} to {most} arguments, not {count}"
        )


def _check_order(trees: Mapping[str, Node]) -> None:
    """Expressions may name each other, but not in a circle."""
    done: set[str] = set()
    while len(done) < len(trees):
        ready = {id_ for id_, tree in trees.items() if not (names_in(tree) & trees.keys()) - done}
        if ready <= done:
            stuck = min(trees.keys() - done)
            raise MathsError(f"Error in expression '{stuck}': Circular reference")
        done |= ready
