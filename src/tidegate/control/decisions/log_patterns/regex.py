"""The regular expressions of filter patterns, matched in time that is bounded by a message's length times an
expression's, and as a rule grows with the message alone.

Anybody's expression is run over everybody's messages, which may have a megabyte: with Python's own matcher,
which tries again from each place, a few stars next to each other would hold a thread, and with it the whole
process, for hours. There are no parentheses in these expressions, so that a small automaton does: each
alternative is a row of items, a place is before an item or behind a row's last, and a state is the set of
places that may be next: a number with a bit for each place, the lowest for the first. What a character leads
to is a few operations on such numbers, and is worked out once for each state.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from tidegate.control.decisions.log_patterns.pattern import InvalidPatternError

_PLAIN = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789:_#=@/;,- ")
_DIGITS = frozenset("0123456789")
_BLANKS = frozenset(" \t\n\r\f\v")
_WORD = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_")
_CLASSES = {"d": _DIGITS, "s": _BLANKS, "w": _WORD}
_CONTROLS = {"t": "\t", "n": "\n", "r": "\r", "f": "\f", "v": "\v"}
# Of all alternatives together: what a character costs at most is in proportion to them.
_ITEMS_MAX = 1000
# States that are worked out before all are forgotten: some megabytes at most for one expression.
_STATES_MAX = 1000
# No expression tells characters beyond ASCII from each other.
_OTHER = "\x80"

# (its characters, whether all others are meant instead)
_Set = tuple[frozenset[str], bool]
# A bit for each place.
_Places = int


@dataclass(frozen=True, slots=True)
class _Item:
    """One character of the set: `is_optional`: or none; `is_repeated`: or more."""

    characters: _Set
    is_optional: bool = False
    is_repeated: bool = False


@dataclass(frozen=True, slots=True)
class _Row:
    """An alternative."""

    items: tuple[_Item, ...]
    is_at_start: bool
    is_at_end: bool


@dataclass(slots=True)
class _State:
    """`has_matched`: whatever comes. `matches_at_end`: if nothing comes."""

    places: _Places
    has_matched: bool
    matches_at_end: bool
    following: dict[str, _State] = field(default_factory=dict)


def compile_regex(text: str) -> Callable[[str], bool]:
    """Whether the expression is found anywhere in a message. Raises InvalidPatternError."""
    rows = tuple(_Reader(text).rows())
    if all(not row.is_at_start and not row.is_at_end and _is_literal(row) for row in rows):
        literals = ["".join(next(iter(item.characters[0])) for item in row.items) for row in rows]
        return lambda message: any(literal in message for literal in literals)
    return _Automaton(rows).is_in


def _is_literal(row: _Row) -> bool:
    return all(
        len(item.characters[0]) == 1
        and not item.characters[1]
        and not item.is_optional
        and not item.is_repeated
        for item in row.items
    )


class _Automaton:
    def __init__(self, rows: tuple[_Row, ...]) -> None:
        # None: the place behind a row's last item.
        self._items = [item for row in rows for item in (*row.items, None)]
        self._optional = self._places_of(lambda item: item.is_optional)
        self._repeated = self._places_of(lambda item: item.is_repeated)
        self._of_character: dict[str, _Places] = {}
        self._ends = self._final = first = again = at = 0
        for row in rows:
            end = 1 << at + len(row.items)
            first |= 1 << at
            again |= 0 if row.is_at_start else 1 << at
            self._ends |= end
            self._final |= 0 if row.is_at_end else end
            at += len(row.items) + 1
        self._first, self._again = self._reached(first), self._reached(again)
        self._states: dict[_Places, _State] = {}

    def is_in(self, message: str) -> bool:
        state = self._state(self._first)
        for character in message:
            if state.has_matched:
                return True
            key = character if character < _OTHER else _OTHER
            following = state.following.get(key)
            if following is None:
                following = state.following[key] = self._state(self._after(state.places, key))
            state = following
        return state.has_matched or state.matches_at_end

    def _state(self, places: _Places) -> _State:
        state = self._states.get(places)
        if state is None:
            if len(self._states) >= _STATES_MAX:
                # Those that are known point to each other: a walk that is under way keeps what it needs.
                for known in self._states.values():
                    known.following.clear()
                self._states.clear()
            state = _State(places, places & self._final != 0, places & self._ends != 0)
            self._states[places] = state
        return state

    def _after(self, places: _Places, character: str) -> _Places:
        taking = self._of_character.get(character)
        if taking is None:
            taking = self._places_of(lambda item: _is_of(character, item.characters))
            self._of_character[character] = taking
        taken = places & taking
        return self._reached(taken << 1 | taken & self._repeated) | self._again

    def _reached(self, places: _Places) -> _Places:
        """The places and those behind what may be left out."""
        behind = self._optional << 1
        first, last = self._optional & ~behind, behind & ~self._optional
        # Of each run of optional items and the place behind it: one less than a number turns round its lowest
        # bit and what is below, so that what stays as it was are the places above the lowest that is set.
        # That behind the run counts as set, so that no run borrows of the next.
        run = places | last
        return places | behind & ~(run ^ (run - first))

    def _places_of(self, is_wanted: Callable[[_Item], bool]) -> _Places:
        return sum(1 << at for at, item in enumerate(self._items) if item is not None and is_wanted(item))


def _is_of(character: str, characters: _Set) -> bool:
    return (character in characters[0]) != characters[1]


class _Reader:
    def __init__(self, text: str) -> None:
        if not text.isascii():
            raise InvalidPatternError("a regular expression has ASCII characters only")
        self._text = text
        self._at = 0
        self._items = 0

    def rows(self) -> Iterable[_Row]:
        if not self._text:
            raise InvalidPatternError("a regular expression must not be empty")
        yield self._row()
        while self._taken("|"):
            yield self._row()
        if self._at < len(self._text):
            raise self._refusal(self._text[self._at])

    def _row(self) -> _Row:
        items: list[_Item] = []
        is_at_start = self._taken("^")
        while self._at < len(self._text) and self._text[self._at] not in "|$":
            more = self._quantified(self._set())
            items += more
            self._items += len(more)
            if self._items > _ITEMS_MAX:
                raise InvalidPatternError("the regular expression is too long")
        return _Row(tuple(items), is_at_start, self._taken("$"))

    def _set(self) -> _Set:
        character = self._next()
        if character == ".":
            return frozenset("\n"), True
        if character == "\\":
            return self._escaped()
        if character == "[":
            return self._bracketed()
        if character not in _PLAIN:
            raise self._refusal(character)
        return frozenset(character), False

    def _escaped(self) -> _Set:
        character = self._next()
        if character.lower() in _CLASSES:
            return _CLASSES[character.lower()], character.isupper()
        if character == "x":
            return frozenset(self._hexadecimal()), False
        if character in _CONTROLS:
            return frozenset(_CONTROLS[character]), False
        if character.isalnum():
            raise self._refusal("\\" + character)
        return frozenset(character), False

    def _hexadecimal(self) -> str:
        digits = self._next() + self._next()
        try:
            return chr(int(digits, 16))
        except ValueError as error:
            raise self._refusal("\\x" + digits) from error

    def _bracketed(self) -> _Set:
        is_negated = self._taken("^")
        found: set[str] = set()
        while not self._taken("]"):
            low = self._member()
            if (
                len(low) == 1
                and self._text[self._at : self._at + 1] == "-"
                and self._peek(1) not in ("]", "")
            ):
                self._at += 1
                found |= _range(*low, *self._member())
            else:
                found |= low
        if not found:
            raise InvalidPatternError("brackets must hold something")
        return frozenset(found), is_negated

    def _member(self) -> frozenset[str]:
        character = self._next()
        if character != "\\":
            return frozenset(character)
        characters, is_negated = self._escaped()
        if is_negated:
            raise self._refusal("a negated class in brackets")
        return characters

    def _quantified(self, characters: _Set) -> list[_Item]:
        if self._taken("*"):
            return [_Item(characters, is_optional=True, is_repeated=True)]
        if self._taken("+"):
            return [_Item(characters, is_repeated=True)]
        if self._taken("?"):
            return [_Item(characters, is_optional=True)]
        if self._taken("{"):
            return self._counted(characters)
        return [_Item(characters)]

    def _counted(self, characters: _Set) -> list[_Item]:
        content, closing, _ = self._text[self._at :].partition("}")
        low, comma, high = (part.strip() for part in content.partition(","))
        if not closing or not low.isdecimal() or (high and not high.isdecimal()):
            raise self._refusal("{" + content)
        self._at += len(content) + 1
        least, most = int(low), int(high) if high else int(low)
        if most < least or max(least, most) > _ITEMS_MAX:
            raise self._refusal("{" + content + "}")
        needed = [_Item(characters)] * least
        if comma and not high:
            return [*needed, _Item(characters, is_optional=True, is_repeated=True)]
        return [*needed, *[_Item(characters, is_optional=True)] * (most - least)]

    def _next(self) -> str:
        if self._at >= len(self._text):
            raise InvalidPatternError(f"the regular expression {self._text} ends too early")
        self._at += 1
        return self._text[self._at - 1]

    def _peek(self, ahead: int) -> str:
        return self._text[self._at + ahead : self._at + ahead + 1]

    def _taken(self, character: str) -> bool:
        is_next = self._peek(0) == character
        self._at += is_next
        return is_next

    def _refusal(self, what: str) -> InvalidPatternError:
        return InvalidPatternError(f"{what} is not supported in the regular expression {self._text}")


def _range(low: str, high: str) -> frozenset[str]:
    if ord(low) > ord(high):
        raise InvalidPatternError(f"{low}-{high} is not a range")
    return frozenset(map(chr, range(ord(low), ord(high) + 1)))
