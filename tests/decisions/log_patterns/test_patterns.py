"""Filter patterns: which messages each of them asks for."""

from __future__ import annotations

import json

import pytest

from tidegate.control.decisions.log_patterns import InvalidPatternError, parse_pattern


def found(pattern: str, *messages: str) -> list[str]:
    parsed = parse_pattern(pattern)
    return [message for message in messages if parsed.matches(message)]


LINES = ("[ERROR 400] BAD REQUEST", "[ERROR 401] UNAUTHORIZED", "[WARN] slow", "error in lower case", "")


@pytest.mark.parametrize(
    ("pattern", "matching"),
    [
        ("", LINES),
        ("   ", LINES),
        ("ERROR", LINES[:2]),
        ("ERROR REQUEST", LINES[:1]),
        ("?REQUEST ?WARN", (LINES[0], LINES[2])),
        ("ERROR -REQUEST", LINES[1:2]),
        ("-ERROR", LINES[2:]),
        ('"BAD REQUEST"', LINES[:1]),
        ('-"BAD REQUEST" ERROR', LINES[1:2]),
        ('?"ERROR 400" ?"ERROR 401"', LINES[:2]),
        ("ERROR ?WARN", LINES[:2]),
        ("%AUTHORIZED%", LINES[1:2]),
        (r"%40[0-9]\] [A-Z]+$%", LINES[1:2]),
        ("?%40[01]% ?slow", LINES[:3]),
        ('"[WARN]"', LINES[2:3]),
    ],
)
def test_terms(pattern: str, matching: tuple[str, ...]) -> None:
    assert found(pattern, *LINES) == list(matching)


def test_quotation_marks_are_escaped_in_a_phrase() -> None:
    assert found(r'"said \"no\""', 'he said "no"', "he said no") == ['he said "no"']


def test_what_every_match_has_is_known() -> None:
    pattern = parse_pattern('Füße -b ?c "d e" %f%')
    assert pattern.needles == ("Füße".encode(), b"d e")
    assert parse_pattern("?a ?b").needles == ()


EVENT = {
    "eventType": "UpdateTrail",
    "sourceIPAddress": "111.111.111.111",
    "latency": 12.5,
    "status": 404,
    "text": "404",
    "nothing": None,
    "yes": True,
    "no": False,
    "user": {"id": 1, "e-mail": "a@b.example", "a.b": "dotted"},
    "items": [{"id": 2}, "second"],
}


@pytest.mark.parametrize(
    ("pattern", "matches"),
    [
        ('{ $.eventType = "UpdateTrail" }', True),
        ("{$.eventType=UpdateTrail}", True),
        ('{ $.eventType = "Update*" }', True),
        ('{ $.eventType = "*date*ail" }', True),
        ('{ $.eventType = "*dateX*" }', False),
        ('{ $.eventType != "Update*" }', False),
        ("{ $.sourceIPAddress != 123.123.* }", True),
        ("{ $.sourceIPAddress = 111.111.* }", True),
        ("{ $.latency > 12 }", True),
        ("{ $.latency >= 1.25e1 }", True),
        ("{ $.latency < 12.5 }", False),
        ("{ $.latency <= -1 }", False),
        ("{ $.status = 404 }", True),
        ("{ $.status = 40* }", False),
        ("{ $.text = 404 }", True),
        ("{ $.status != 500 }", True),
        ("{ $.missing != 500 }", False),
        ("{ $.missing = 500 }", False),
        ("{ $.nothing IS NULL }", True),
        ("{ $.missing IS NULL }", False),
        ("{ $.missing NOT EXISTS }", True),
        ("{ $.nothing NOT EXISTS }", False),
        ("{ $.yes IS TRUE }", True),
        ("{ $.no IS FALSE }", True),
        ("{ $.no IS TRUE }", False),
        ("{ $.status IS TRUE }", False),
        ("{ $.yes = 1 }", False),
        ("{ $.user.id = 1 }", True),
        ("{ $.user.e-mail = a@* }", True),
        ("{ $.user.['a.b'] = dotted }", True),
        ("{ $.items[0].id = 2 }", True),
        ('{ $.items[1] = "second" }', True),
        ("{ $.items[2] = 1 }", False),
        ("{ $.user = 1 }", False),
        ("{ $.eventType = %Up.*Trail% }", True),
        ("{ $.eventType != %Up.*Trail% }", False),
        ("{ $.status = 404 && $.user.id = 2 }", False),
        ("{ $.status = 404 || $.user.id = 2 }", True),
        ("{ $.user.id = 2 || $.status = 404 && $.yes IS TRUE }", True),
        ("{ ($.status = 404 || $.yes IS TRUE) && $.user.id = 2 }", False),
        ("{ ( ($.status = 404) && ($.user.id = 1) ) }", True),
    ],
)
def test_selectors_of_json(pattern: str, matches: bool) -> None:
    message = json.dumps(EVENT)
    assert bool(found(pattern, message)) is matches


def test_what_is_no_json_object_has_no_members() -> None:
    deep = '{"a":' + "[" * 100_000 + "]" * 100_000 + "}"
    assert found("{ $.a NOT EXISTS }", "text", "[1]", '{"a": 1', deep) == []


APACHE = (
    '127.0.0.1 Prod frank [10/Oct/2000:13:25:15 -0700] "GET /index.html HTTP/1.0" 404 1534',
    '127.0.0.2 Prod anna [10/Oct/2000:13:25:16 -0700] "POST /a HTTP/1.0" 200 99',
    "too short",
)


@pytest.mark.parametrize(
    ("pattern", "matching"),
    [
        ("[ip, log, user, at, request, status, bytes]", APACHE[:2]),
        ("[ip, log, user, at, request, status=4*, bytes]", APACHE[:1]),
        ("[ip, log, user, at, request, status = 200, bytes > 50]", APACHE[1:2]),
        ("[ip, log, user, at, request, status = 200, bytes > 99]", ()),
        ("[..., status = 404 || status = 410, bytes]", APACHE[:1]),
        ("[ip = %127\\.0\\.0\\.[12]%, ...]", APACHE[:2]),
        ('[ip, log, user != "frank", ...]', APACHE[1:]),
        ("[ip, ..., status=4*, bytes]", APACHE[:1]),
        ('[,,,,request = "GET *",,]', APACHE[:1]),
        ("[a, b]", APACHE[2:]),
        ("[a, b, c]", ()),
        ("[...]", APACHE),
        ("[(a = too || a = 127.0.0.2) && a != x, ...]", APACHE[1:]),
        ("[a = 127.0.0.1, b, c, d = 10/Oct*, ...]", APACHE[:1]),
    ],
)
def test_columns(pattern: str, matching: tuple[str, ...]) -> None:
    # A pattern whose column does not exist in the message does not match it.
    expected = [line for line in matching if "user != " not in pattern or line != APACHE[2]]
    assert found(pattern, *APACHE) == expected


@pytest.mark.parametrize("message", ['[x "y z', "a] b c", '"a" [b] "c d"', "[a]b c d", '"a b'])
def test_signs_that_are_not_closed_are_a_part_of_words(message: str) -> None:
    count = {'"a b': "[x, y]"}.get(message, "[x, y, z]")
    assert found(count, message) == [message]


def test_a_message_of_nothing_but_openings_takes_no_time() -> None:
    assert found("[a, ..., b = nothing]", "[ " * 300_000, '" ' * 300_001) == []


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        ('"open', "no term can begin"),
        ("%open", "no term can begin"),
        ("%%", "must not be empty"),
        ("%a% -%b% ?%c% %d% %e% %f%", "more than 5 regular expressions"),
        ("{ $.a = %a% && $.b = %b% && $.c = %c% }", "more than 2 regular expressions"),
        ("[a = %a%, b = %b% || b = %c%]", "more than 2 regular expressions"),
        ("%a(b)%", "( is not supported"),
        ("%a!%", "! is not supported"),
        ("%ü%", "ASCII"),
        ("%[a%", "ends too early"),
        ("%[z-a]%", "is not a range"),
        ("%a{2,1}%", "{2,1} is not supported"),
        ("%a{9999}%", "is not supported"),
        ("%a**%", "* is not supported"),
        (r"%\q%", r"\\q is not supported"),
        ("{ $.a = 1", "not closed"),
        ("{ $.a = }", "ends too early"),
        ("{ $.a 1 }", "is not a comparison"),
        ("{ a = 1 }", "is not a selector"),
        ("{ $ = 1 }", "must name something"),
        ("{ $.a..b = 1 }", "is not a selector"),
        ("{ $.a > b }", "needs a number"),
        ("{ $.a > nan }", "needs a number"),
        ("{ $.a IS MAYBE }", "NULL, TRUE or FALSE"),
        ("{ $.a NOT THERE }", "EXISTS"),
        ("{ ($.a = 1 }", "not closed"),
        ("{ $.a = 1 $.b = 2 }", "unexpected"),
        ("{ $.a = 1 && }", "ends too early"),
        ("{" + "(" * 100 + "$.a = 1" + ")" * 100 + "}", "nested too deeply"),
        ("[a, b", "not closed"),
        ("[..., a, ...]", "once"),
        ("[a = 1 && b = 2]", "more than one column"),
        ("[a 1 2]", "is not a condition"),
        ('["a"]', "is not the name"),
    ],
)
def test_what_is_no_pattern_says_why(pattern: str, reason: str) -> None:
    with pytest.raises(
        InvalidPatternError, match=reason.replace("(", r"\(").replace("*", r"\*").replace("{", r"\{")
    ):
        parse_pattern(pattern)
