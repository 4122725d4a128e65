"""A run as a picture: the load in tasks' worth, the desired count and the running tasks over time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from bench.autoscaling.curve import Second

_WIDTH, _HEIGHT, _LEFT, _RIGHT, _BOTTOM, _TOP = 760, 260, 36, 24, 40, 30
_LOAD, _DESIRED, _RUNNING, _METRIC = "#b8cdf0", "#c2410c", "#1f7a4d", "#6b4fbb"


def svg(
    title: str,
    seconds: Sequence[Second],
    per_task: float,
    maximum: int,
    metric: Sequence[tuple[float, float]] = (),
) -> str:
    """`per_task`: requests a second that one task is to answer; `maximum`: of the counts; `metric`: what the
    policy looks at, as a multiple of its target."""
    last = max(1.0, seconds[-1].at)
    top = max(maximum + 1, *(second.rate / per_task for second in seconds))

    def x(at: float) -> float:
        return _LEFT + at / last * (_WIDTH - _LEFT - _RIGHT)

    def y(count: float) -> float:
        return _HEIGHT - _BOTTOM - count / top * (_HEIGHT - _BOTTOM - _TOP)

    def steps(values: Iterable[tuple[float, float]]) -> str:
        points: list[str] = []
        level: float | None = None
        for at, value in values:
            if level is not None and level != value:
                points.append(f"{x(at):.1f},{y(level):.1f}")
            points.append(f"{x(at):.1f},{y(value):.1f}")
            level = value
        return " ".join(points)

    load = steps((one.at, one.rate / per_task) for one in seconds)
    area = f"{x(0):.1f},{y(0):.1f} {load} {x(last):.1f},{y(0):.1f}"
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" font-family="sans-serif" '
        'font-size="12">',
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="white"/>',
        f'<text x="{_LEFT}" y="18" font-weight="bold">{title}</text>',
        *_grid(x, y, last, int(top)),
        f'<polygon points="{area}" fill="{_LOAD}"/>',
        _line(steps((one.at, one.running) for one in seconds), _RUNNING, "5 3"),
        _line(steps((one.at, one.desired) for one in seconds), _DESIRED, ""),
        *(
            f'<circle cx="{x(at):.1f}" cy="{y(min(top, many)):.1f}" r="2" fill="{_METRIC}"/>'
            for at, many in metric
        ),
        *_legend(bool(metric)),
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


def _grid(x: Callable[[float], float], y: Callable[[float], float], last: float, top: int) -> Iterable[str]:
    right = _WIDTH - _RIGHT
    for count in range(top + 1):
        yield f'<line x1="{_LEFT}" x2="{right}" y1="{y(count):.1f}" y2="{y(count):.1f}" stroke="#ddd"/>'
        yield f'<text x="{_LEFT - 8}" y="{y(count) + 4:.1f}" text-anchor="end">{count}</text>'
    for at in range(0, int(last) + 1, 30):
        yield f'<text x="{x(at):.1f}" y="{_HEIGHT - _BOTTOM + 16}" text-anchor="middle">{at} s</text>'


def _line(points: str, colour: str, dashes: str) -> str:
    return (
        f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2" '
        f'stroke-dasharray="{dashes}"/>'
    )


def _legend(has_metric: bool) -> Iterable[str]:
    shown = (("load, in tasks", _LOAD), ("desired count", _DESIRED), ("running tasks", _RUNNING))
    if has_metric:
        shown = (*shown, ("metric, in targets", _METRIC))
    for number, (name, colour) in enumerate(shown):
        left = _LEFT + number * 150
        yield f'<rect x="{left}" y="{_HEIGHT - 16}" width="12" height="10" fill="{colour}"/>'
        yield f'<text x="{left + 18}" y="{_HEIGHT - 7}">{name}</text>'
