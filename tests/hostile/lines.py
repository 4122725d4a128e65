"""The request line and the host."""

from __future__ import annotations

from tests.hostile.cases import (
    ENDED,
    NEVER,
    OTHER_VERSION,
    REFUSED,
    REWRITTEN,
    Case,
    Outcome,
    everywhere,
    passed,
    request,
)

GONE = everywhere(Outcome((405, 200), ("/after",)))
OTHERS = everywhere(Outcome((505, 200), ("/after",)))
IN_MONITOR = {"monitor": OTHER_VERSION}
PARSED = {"defensive": REFUSED, "strictest": REFUSED}
BEYOND_ASCII = PARSED | {"monitor": passed("/\xff")}
# The host is that of the target in monitor mode; nobody else is asked to choose.
ELSEWHERE = PARSED


def line(text: bytes) -> bytes:
    return request(line=text)


LINES = (
    Case("a plain request", line(b"GET /a HTTP/1.1")),
    Case("empty lines before a request", b"\r\n\r\n" + line(b"GET /a HTTP/1.1")),
    Case("a method of one's own", line(b"M-SEARCH /a HTTP/1.1")),
    Case("TRACE", line(b"TRACE /a HTTP/1.1"), "Compliant", GONE),
    Case("CONNECT", line(b"CONNECT a:80 HTTP/1.1"), "Compliant", GONE),
    Case("a method with a bracket", line(b"G(T /a HTTP/1.1"), "Severe"),
    Case("a method with a NUL", line(b"G\x00T /a HTTP/1.1"), "Severe"),
    Case("a method with a colon", line(b"GET: /a HTTP/1.1"), "Severe"),
    Case("no method", line(b" /a HTTP/1.1"), "Severe"),
    Case("blanks before the method", line(b"  GET /a HTTP/1.1"), "Severe"),
    Case("two blanks behind the method", line(b"GET  /a HTTP/1.1"), "Acceptable", REWRITTEN),
    Case("a tab for a blank", line(b"GET\t/a\tHTTP/1.1"), "Severe", REWRITTEN),
    Case("a vertical tab for a blank", line(b"GET\x0b/a HTTP/1.1"), "Severe"),
    Case("blanks behind the version", line(b"GET /a HTTP/1.1  "), "Acceptable", NEVER),
    Case("two blanks before the version", line(b"GET /a  HTTP/1.1"), "Acceptable", REWRITTEN),
    Case("a blank in the target", line(b"GET /a b HTTP/1.1"), "Acceptable", NEVER),
    Case("a smuggled version", line(b"GET /a HTTP/1.1 HTTP/1.0"), "Acceptable", NEVER),
    Case("a NUL in the target", line(b"GET /a\x00b HTTP/1.1"), "Severe"),
    Case("a CR in the target", line(b"GET /a\rb HTTP/1.1"), "Severe"),
    Case("a control character in the target", line(b"GET /a\x01 HTTP/1.1"), "Ambiguous", NEVER),
    Case("DEL in the target", line(b"GET /a\x7f HTTP/1.1"), "Ambiguous", NEVER),
    Case(
        "a byte beyond ASCII in the target", line(b"GET /\xff HTTP/1.1"), "Compliant", BEYOND_ASCII, odd=True
    ),
    Case(
        "a fragment in the target",
        line(b"GET /a#b HTTP/1.1"),
        "Compliant",
        PARSED | {"monitor": passed("/a#b")},
    ),
    Case("a backslash in the target", line(b"GET /a\\b HTTP/1.1"), "Compliant", everywhere(passed("/a\\b"))),
    Case("no target", line(b"GET HTTP/1.1"), "Ambiguous", NEVER),
    Case("a target without a slash", line(b"GET a HTTP/1.1"), "Compliant", NEVER),
    Case("a star for GET", line(b"GET * HTTP/1.1"), "Compliant", everywhere(passed("*"))),
    Case("no version", b"GET /a\r\n\r\n", "Acceptable", {"monitor": ENDED, "defensive": REFUSED}),
    Case("a version in small letters", line(b"GET /a http/1.1"), "Severe"),
    Case("a version of two digits", line(b"GET /a HTTP/1.10"), "Severe", IN_MONITOR),
    Case("a version without a minor", line(b"GET /a HTTP/1"), "Severe", IN_MONITOR),
    Case("a version of letters", line(b"GET /a HTTP/x.y"), "Severe"),
    Case("another protocol", line(b"GET /a ICAP/1.0"), "Severe", IN_MONITOR),
    Case("HTTP/1.2", line(b"GET /a HTTP/1.2"), "Acceptable"),
    Case("HTTP/2.0", line(b"GET /a HTTP/2.0"), "Compliant", OTHERS),
    Case("HTTP/3.0", line(b"GET /a HTTP/3.0"), "Compliant", OTHERS),
    Case("the preface of HTTP/2", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "Compliant", NEVER),
    Case("a line that ends with LF", b"GET /a HTTP/1.1\nHost: a\n\n", "Acceptable", REWRITTEN),
    Case("a line that ends with CR", b"GET /a HTTP/1.1\rHost: a\r\r", "Severe"),
    Case("TLS on a plain port", b"\x16\x03\x01\x00\xa5\x01\x00\x00\xa1\x03\x03" + b"\x00" * 160, "Severe"),
    Case("noise", bytes(range(1, 256)) + b"\r\n\r\n", "Severe"),
    Case("a line of 64 K", line(b"GET /" + b"a" * 65536 + b" HTTP/1.1"), "Severe"),
)

HOSTS = (
    Case("an absolute target", line(b"GET http://a/a HTTP/1.1")),
    Case("an absolute target elsewhere", line(b"GET http://b/a HTTP/1.1"), "Compliant", ELSEWHERE),
    Case("an absolute target with a user", line(b"GET http://a@b/a HTTP/1.1"), "Compliant", ELSEWHERE),
    Case("an absolute target of another scheme", line(b"GET file:///a HTTP/1.1")),
    Case("no host", request(host=None), "Severe"),
    Case(
        "no host under HTTP/1.0", request(line=b"GET /a HTTP/1.0", host=None), "Compliant", everywhere(ENDED)
    ),
    Case("an empty host", request(host=b"")),
    Case("two hosts", request(b"Host: b"), "Severe"),
    Case("the same host twice", request(b"Host: a")),
    Case("a host with a blank", request(host=b"a b"), "Severe"),
    Case("a host with a path", request(host=b"a/b"), "Severe"),
    Case("a host with a query", request(host=b"a?b"), "Severe"),
    Case("a host with a user", request(host=b"b@a"), "Severe"),
    Case("a host with a comma", request(host=b"a,b"), "Severe"),
    Case("a host with two ports", request(host=b"a:80:80")),
    Case("a host with a port in letters", request(host=b"a:b")),
)
