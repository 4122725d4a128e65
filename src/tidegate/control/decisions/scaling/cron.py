"""Cron expressions in the dialect of Application Auto Scaling, which is that of Quartz.

`[SECONDS] MINUTES HOURS DAY-OF-MONTH MONTH DAY-OF-WEEK YEAR`. Lists, ranges (that may wrap: `FRI-MON`) and
increments everywhere; `L`, `W` and `LW` in days of the month, `L` and `#` in days of the week, whose first
is Sunday, 1. One of the two kinds of days is `?`; `*` there is taken as `?`, since AWS's own examples
write it. No library reads this dialect: those for Unix cron differ in the fields, the numbers of weekdays
and what two kinds of days mean together.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_WEEKDAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
_FIRST_YEAR, _LAST_YEAR = 1970, 2199
_ANY = ("*", "?")
# What a clock may be put back by, and some.
_OVERLAP = timedelta(hours=3)

# The days of a month on which something runs, given its year and number.
_Days = Callable[[int, int], set[int]]


class CronError(ValueError):
    """The expression is not one of the dialect; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cron:
    """Values in ascending order. `is_hourly`: every hour is meant, so that one which a clock that is put
    back repeats is meant twice."""

    seconds: tuple[int, ...]
    minutes: tuple[int, ...]
    hours: tuple[int, ...]
    months: tuple[int, ...]
    years: tuple[int, ...]
    days: _Days
    is_hourly: bool

    def next_after(self, after: datetime, zone: tzinfo) -> datetime | None:
        """The first run later than an instant, in UTC, by the clocks of a zone. What falls into an hour
        that the clocks skip runs as much later as they skip; what they repeat runs the first time."""
        local = after.astimezone(zone).replace(tzinfo=None)
        for day in self._dates(local.date() - timedelta(days=1)):
            instants = sorted(self._instants(day, zone, local - _OVERLAP))
            found = next((instant for instant in instants if instant > after), None)
            if found is not None:
                return found
        return None

    def _dates(self, first: date) -> Iterator[date]:
        for year in self.years:
            for month in self.months:
                if (year, month) < (first.year, first.month):
                    continue
                for day in sorted(self.days(year, month)):
                    if date(year, month, day) >= first:
                        yield date(year, month, day)

    def _instants(self, day: date, zone: tzinfo, since: datetime) -> Iterator[datetime]:
        for hour in self.hours:
            for minute in self.minutes:
                for second in self.seconds:
                    local = datetime.combine(day, time(hour, minute, second))
                    if local >= since:
                        yield local.replace(tzinfo=zone).astimezone(UTC)
                        if self.is_hourly:
                            yield local.replace(tzinfo=zone, fold=1).astimezone(UTC)


def parse_cron(expression: str) -> Cron:
    """Raises CronError."""
    fields = expression.upper().split()
    if len(fields) not in (6, 7):
        raise CronError("A cron expression has 6 fields, or 7 with seconds.")
    if len(fields) == 6:
        fields = ["0", *fields]
    seconds, minutes, hours, days, months, weekdays, years = fields
    if "?" in (seconds, minutes, hours, months, years) or (days == "?" and weekdays == "?"):
        raise CronError("'?' can only be specified for Day-of-Month or Day-of-Week.")
    if days not in _ANY and weekdays not in _ANY:
        raise CronError("Day-of-Month and Day-of-Week cannot both be specified: one of them must be '?'.")
    return Cron(
        seconds=_values(seconds, 0, 59),
        minutes=_values(minutes, 0, 59),
        hours=_values(hours, 0, 23),
        months=_values(months, 1, 12, _MONTHS),
        years=_values(years, _FIRST_YEAR, _LAST_YEAR),
        days=_month_days(days) if weekdays in _ANY else _week_days(weekdays),
        is_hourly=hours == "*",
    )


def _values(field: str, low: int, high: int, names: Sequence[str] = ()) -> tuple[int, ...]:
    return tuple(sorted({value for part in field.split(",") for value in _part(part, low, high, names)}))


def _part(part: str, low: int, high: int, names: Sequence[str]) -> Iterator[int]:
    """The values of `*`, `5`, `5-10`, `5/10`, `5-10/2` or `*/10`; a range whose end is before its start
    goes on at the lowest value."""
    match = re.fullmatch(r"(\*|\w+)(?:-(\w+))?(?:/(\d{1,4}))?", part, re.ASCII)
    if match is None or (match[1] == "*" and match[2]):
        raise CronError(f"'{part}' is not valid.")
    step = int(match[3]) if match[3] else 1
    if step < 1 or step > high:
        raise CronError(f"The increment of '{part}' is not valid.")
    first = low if match[1] == "*" else _number(match[1], low, high, names)
    last = high if match[1] == "*" or match[3] else first
    if match[2]:
        last = _number(match[2], low, high, names)
    span = high - low + 1
    for offset in range(0, (last - first) % span + 1, step):
        yield low + (first - low + offset) % span


def _number(text: str, low: int, high: int, names: Sequence[str]) -> int:
    if text in names:
        return names.index(text) + low
    if not (text.isdecimal() and len(text) <= 4) or not low <= int(text) <= high:
        raise CronError(f"'{text}' is not a value between {low} and {high}.")
    return int(text)


def _month_days(field: str) -> _Days:
    rules = [_month_day(part) for part in field.replace("?", "*").split(",")]
    return lambda year, month: {day for rule in rules for day in rule(year, month)}


def _month_day(part: str) -> _Days:
    if part == "LW":
        return lambda year, month: {_nearest_weekday(year, month, monthrange(year, month)[1])}
    if match := re.fullmatch(r"L(?:-(\d{1,2}))?", part, re.ASCII):
        before = int(match[1] or 0)
        return lambda year, month: {day for day in (monthrange(year, month)[1] - before,) if day >= 1}
    if match := re.fullmatch(r"(\d{1,2})W", part, re.ASCII):
        wanted = _number(match[1], 1, 31, ())
        return lambda year, month: (
            {_nearest_weekday(year, month, wanted)} if _has(year, month, wanted) else set()
        )
    days = _values(part, 1, 31)
    return lambda year, month: {day for day in days if _has(year, month, day)}


def _week_days(field: str) -> _Days:
    rules = [_week_day(part) for part in field.split(",")]
    return lambda year, month: {day for rule in rules for day in rule(year, month)}


def _week_day(part: str) -> _Days:
    if match := re.fullmatch(r"(\w+)#([1-5])", part, re.ASCII):
        weekday, number = _number(match[1], 1, 7, _WEEKDAYS), int(match[2])
        return lambda year, month: set(_on(year, month, weekday)[number - 1 : number])
    if part != "L" and (match := re.fullmatch(r"(\w+)L", part, re.ASCII)):
        last = _number(match[1], 1, 7, _WEEKDAYS)
        return lambda year, month: {_on(year, month, last)[-1]}
    weekdays = _values(part.replace("L", "7") if part == "L" else part, 1, 7, _WEEKDAYS)
    return lambda year, month: {day for weekday in weekdays for day in _on(year, month, weekday)}


def _on(year: int, month: int, weekday: int) -> list[int]:
    """The days of a month that are a certain day of the week, Sunday being 1."""
    # Python's weeks begin on Monday, 0.
    first, length = monthrange(year, month)
    start = 1 + (weekday - 2 - first) % 7
    return list(range(start, length + 1, 7))


def _has(year: int, month: int, day: int) -> bool:
    return day <= monthrange(year, month)[1]


def _nearest_weekday(year: int, month: int, day: int) -> int:
    """The day from Monday to Friday that is nearest, in the same month."""
    weekday = date(year, month, day).weekday()
    if weekday == 5:
        return day - 1 if day > 1 else day + 2
    if weekday == 6:
        return day + 1 if _has(year, month, day + 1) else day - 2
    return day
