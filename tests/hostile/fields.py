"""Header fields: their grammar, those between two hops, and those of upgrades."""

from __future__ import annotations

from tests.hostile.cases import ENDED, NEVER, NOT_FORWARDED, REWRITTEN, Case, everywhere, post, request

FIELDS = (
    Case("a name with a bracket", request(b"X(A: b"), "Acceptable", NOT_FORWARDED, odd=True),
    Case("a name with a blank", request(b"X A: b"), "Acceptable", NEVER),
    Case("a blank before the colon", request(b"X-A : b"), "Acceptable", NEVER),
    Case("a name beyond ASCII", request(b"X-\xc3\xa4: b"), "Acceptable", NOT_FORWARDED, odd=True),
    Case("an empty name", request(b": b"), "Ambiguous", NEVER, odd=True),
    Case("no colon", request(b"X-A"), "Ambiguous", NEVER),
    Case("a folded header", request(b"X-A: b\r\n c"), "Ambiguous", REWRITTEN),
    Case("a folded header with a tab", request(b"X-A: b\r\n\tc"), "Ambiguous", REWRITTEN),
    Case("a fold before all headers", b"GET /a HTTP/1.1\r\n Host: a\r\n\r\n", "Ambiguous", NEVER),
    Case("a NUL in a value", request(b"X-A: b\x00c"), "Severe"),
    Case("a CR in a value", request(b"X-A: b\rc"), "Severe"),
    Case("a CR before the line's end", request(b"X-A: b\r"), "Severe"),
    Case("a NUL in a name", request(b"X\x00A: b"), "Severe"),
    Case("a CR in a name", request(b"X\rA: b"), "Severe"),
    Case("a control character in a value", request(b"X-A: b\x01c"), "Acceptable", odd=True),
    Case("DEL in a value", request(b"X-A: b\x7fc"), "Acceptable", odd=True),
    Case("a value beyond ASCII", request(b"X-A: \xff\xfe")),
    Case("an empty value", request(b"X-A:")),
    Case("a line end of LF", b"GET /a HTTP/1.1\r\nHost: a\nX-A: b\n\n", "Acceptable", REWRITTEN),
    Case("a header of 17 K", request(b"X-A: " + b"b" * 17_000), "Severe"),
    Case("headers of 70 K", request(*[b"X-A: " + b"b" * 700] * 100), "Severe"),
    Case("300 headers", request(*[b"X-%d: b" % number for number in range(300)]), "Severe"),
)

HOPS = (
    Case(
        "a connection that names a length",
        post(b"Content-Length: 3", b"Connection: Content-Length", body=b"abc"),
        body=b"abc",
    ),
    Case(
        "a connection that names the coding",
        post(b"Transfer-Encoding: chunked", b"Connection: Transfer-Encoding", body=b"0\r\n\r\n"),
        body=b"",
    ),
    Case("a connection that names the host", request(b"Connection: Host, X-Forwarded-For, X-Amzn-Trace-Id")),
    Case(
        "a connection that is kept and closed",
        request(b"Connection: keep-alive, close"),
        "Compliant",
        everywhere(ENDED),
    ),
    Case(
        "an upgrade to cleartext HTTP/2",
        request(b"Connection: Upgrade, HTTP2-Settings", b"Upgrade: h2c", b"HTTP2-Settings: AAMAAABkAAQAAP__"),
    ),
    Case(
        "an upgrade to WebSocket that is not taken",
        request(
            b"Connection: Upgrade",
            b"Upgrade: websocket",
            b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
            b"Sec-WebSocket-Version: 13",
        ),
    ),
    Case("an expectation nobody has", request(b"Expect: nonsense")),
    Case("trailers asked for", request(b"TE: trailers", b"Connection: TE")),
    Case(
        "forwarding claimed in several headers",
        request(
            b"X-Forwarded-For: 1.2.3.4",
            b"X-Forwarded-For: 5.6.7.8",
            b"X-Forwarded-Proto: https",
            b"X-Forwarded-Port: 1",
        ),
    ),
)
