"""What HTTP/2 can carry that HTTP/1.1 must not, and frames that are none.

AWS takes every request of HTTP/2 for compliant, whatever the mode, and says nothing of bad ones; RFC 9113
wants malformed requests reset, or answered 400, and broken connections ended.
"""

from __future__ import annotations

from dataclasses import dataclass

from tests.hostile.cases import SMUGGLED
from tests.hostile.frames import (
    ACK,
    CONTINUATION,
    DATA,
    END_HEADERS,
    END_STREAM,
    GET,
    HEADERS,
    PADDED,
    PING,
    POST,
    PREFACE,
    PRIORITY,
    PUSH_PROMISE,
    SETTINGS,
    WINDOW_UPDATE,
    block,
    data,
    frame,
    get,
    headers,
    post,
    trailing,
    whole,
)

CRLF = b"\r\nX-Smuggled: 1"
THREE = (b"content-length", b"3")
# Headers that wait for more.
BEGUN = frame(HEADERS, block(GET), flags=END_STREAM, stream=1)
INJECTED = b"b\r\n\r\n" + SMUGGLED


@dataclass(frozen=True, slots=True)
class Http2Case:
    """`outcome`: the status of the stream, `reset`, or `ended` for the whole connection; `in_monitor`: where
    it is another in that mode. `path`, `body`: what the target gets of a request that may reach it.
    `begins`: what is sent first."""

    name: str
    frames: bytes
    outcome: str
    path: str = "/a"
    body: bytes = b""
    begins: bytes = PREFACE + frame(SETTINGS)
    in_monitor: str = ""

    def outcome_in(self, mode: str) -> str:
        return (mode == "monitor" and self.in_monitor) or self.outcome


REQUESTS = (
    Http2Case("a plain request", get(), "200"),
    Http2Case("a body", post(), "200", body=b"abc"),
    Http2Case("CRLF in a value", get((b"x-a", b"b" + CRLF)), "reset"),
    Http2Case("a request in a value", get((b"x-a", INJECTED)), "reset"),
    Http2Case("LF in a value", get((b"x-a", b"b\nx: c")), "reset"),
    Http2Case("CR in a value", get((b"x-a", b"b\rx: c")), "reset"),
    Http2Case("NUL in a value", get((b"x-a", b"b\x00c")), "reset"),
    Http2Case("CRLF in a name", get((b"x-a: b\r\nx-b", b"c")), "reset"),
    Http2Case("LF in a name", get((b"x-a\nx-b", b"c")), "reset"),
    Http2Case("NUL in a name", get((b"x-\x00a", b"c")), "reset"),
    Http2Case("a colon in a name", get((b"x-a:", b"c")), "reset"),
    Http2Case("a blank in a name", get((b"x a", b"c")), "reset"),
    Http2Case("a blank behind a framing name", post((b"transfer-encoding ", b"chunked")), "reset"),
    Http2Case("a capital in a name", get((b"X-A", b"c")), "reset"),
    Http2Case("an empty name", get((b"", b"c")), "ended"),
    Http2Case("a bracket in a name", get((b"x(a", b"c")), "reset"),
    Http2Case("CRLF in the path", get(path=b"/a HTTP/1.1\r\nHost: a\r\n\r\nGET /smuggled"), "reset"),
    Http2Case("a blank in the path", get(path=b"/a HTTP/1.1"), "reset", in_monitor="400"),
    Http2Case("a tab in the path", get(path=b"/a\tb"), "reset", in_monitor="400"),
    Http2Case("a control character in the path", get(path=b"/a\x01"), "reset", in_monitor="400"),
    Http2Case("a NUL in the path", get(path=b"/a\x00"), "reset"),
    Http2Case("a fragment in the path", get(path=b"/a#b"), "reset", "/a#b", in_monitor="200"),
    Http2Case("a byte beyond ASCII in the path", get(path=b"/a\xff"), "200", "/a\xff"),
    Http2Case("an empty path", get(path=b""), "reset"),
    Http2Case("a path without a slash", get(path=b"a"), "reset"),
    Http2Case("a URL for a path", get(path=b"http://b/a"), "reset"),
    Http2Case("a star for GET", get(path=b"*"), "200", "/"),
    Http2Case("CRLF in the method", get(method=b"GET /smuggled HTTP/1.1\r\nX: "), "reset"),
    Http2Case("a blank in the method", get(method=b"GET /smuggled HTTP/1.1 "), "400"),
    Http2Case("an empty method", get(method=b""), "reset"),
    Http2Case("CRLF in the authority", get(authority=b"a" + CRLF), "reset"),
    Http2Case("a path in the authority", get(authority=b"a/b"), "reset"),
    Http2Case("a user in the authority", get(authority=b"b@a"), "reset"),
    Http2Case("a blank in the authority", get(authority=b"a b"), "reset"),
    Http2Case("a URL for a scheme", get(scheme=b"http://b/smuggled?"), "400"),
    Http2Case("CRLF in the scheme", get(scheme=b"https" + CRLF), "reset"),
    Http2Case("no path", headers(GET[:3]), "reset"),
    Http2Case("no method", headers(GET[1:]), "reset"),
    Http2Case("no scheme", headers((GET[0], *GET[2:])), "reset"),
    Http2Case("no host", headers((*GET[:2], GET[3])), "400"),
    Http2Case("two paths", headers((*GET, (b":path", b"/smuggled"))), "reset"),
    Http2Case("two methods", headers((*GET, (b":method", b"POST"))), "reset"),
    Http2Case("two authorities", headers((*GET, (b":authority", b"b"))), "reset"),
    Http2Case("a pseudo header behind others", headers((*GET[:3], (b"x-a", b"b"), GET[3])), "reset"),
    Http2Case("an unknown pseudo header", get((b":smuggled", b"1")), "reset"),
    Http2Case("a status in a request", get((b":status", b"200")), "reset"),
    Http2Case("a host beside the authority", get((b"host", b"b")), "200"),
    Http2Case("a coding", post((b"transfer-encoding", b"chunked"), body=b"0\r\n\r\n" + SMUGGLED), "reset"),
    Http2Case("a connection header", get((b"connection", b"close")), "reset"),
    Http2Case("a keep-alive header", get((b"keep-alive", b"timeout=5")), "reset"),
    Http2Case("a proxy-connection header", get((b"proxy-connection", b"close")), "reset"),
    Http2Case("an upgrade", get((b"upgrade", b"h2c")), "reset"),
    Http2Case("te: trailers", get((b"te", b"trailers")), "200"),
    Http2Case("te: gzip", get((b"te", b"gzip")), "reset"),
    Http2Case("a length below the body's", post((b"content-length", b"0"), body=SMUGGLED), "reset"),
    Http2Case("a length beyond the body's", post((b"content-length", b"100")), "reset"),
    Http2Case("a length and no body", headers((*POST, (b"content-length", b"5"))), "reset"),
    Http2Case("two lengths", post(THREE, (b"content-length", b"4")), "reset"),
    Http2Case("a length twice", post(THREE, THREE), "200", body=b"abc"),
    Http2Case("a length with a plus", post((b"content-length", b"+3")), "reset"),
    Http2Case("a length in words", post((b"content-length", b"three")), "reset"),
    Http2Case("a length of 2^64 + 3", post((b"content-length", b"18446744073709551619")), "reset"),
    Http2Case("trailers", trailing((b"x-sum", b"1")), "200", body=b"abc"),
    Http2Case("a pseudo header in trailers", trailing((b":path", b"/b")), "reset"),
    Http2Case("CRLF in trailers", trailing((b"x-a", b"b" + CRLF)), "reset"),
    Http2Case(
        "trailers that do not end",
        headers(POST, ends=False) + data(b"abc", ends=False) + headers(((b"x-a", b"b"),), ends=False),
        "ended",
    ),
    Http2Case("CONNECT", headers(((b":method", b"CONNECT"), (b":authority", b"a:80"))), "405"),
    Http2Case("TRACE", get(method=b"TRACE"), "405"),
    Http2Case("headers of 16 K", get((b"x-a", b"b" * 12_000), (b"x-b", b"b" * 4_300)), "reset"),
)

FRAMES = (
    Http2Case("no preface", get(), "ended", begins=b""),
    Http2Case("a bent preface", get(), "ended", begins=PREFACE.replace(b"SM", b"MS")),
    Http2Case("HTTP/1.1 behind the preface", SMUGGLED * 3, "ended", begins=PREFACE),
    Http2Case("headers before settings", get(), "ended", begins=PREFACE),
    Http2Case("headers on stream 0", frame(HEADERS, block(GET), flags=END_HEADERS | END_STREAM), "ended"),
    Http2Case("headers on an even stream", headers(GET, stream=2), "ended"),
    Http2Case("a stream lower than the last", headers(GET, stream=5) + headers(GET, stream=3), "ended"),
    Http2Case("data on a stream that is none", data(b"abc"), "ended"),
    Http2Case("data on stream 0", data(b"abc", stream=0), "ended"),
    Http2Case("data behind the end", headers(POST, ends=False) + data(b"abc") + data(SMUGGLED), "reset"),
    Http2Case("a frame of 20 K", headers(POST, ends=False) + data(b"a" * 20_000), "ended"),
    Http2Case(
        "padding beyond the frame",
        headers(POST, ends=False) + frame(DATA, b"\xffabc", flags=PADDED, stream=1),
        "ended",
    ),
    Http2Case("settings of five bytes", frame(SETTINGS, b"12345"), "ended"),
    Http2Case("settings on a stream", frame(SETTINGS, stream=1), "ended"),
    Http2Case("an acknowledgement that says something", frame(SETTINGS, b"\0\4\0\0\0\1", flags=ACK), "ended"),
    Http2Case("a window beyond 2^31", frame(SETTINGS, b"\0\4\xff\xff\xff\xff"), "ended"),
    Http2Case("a frame size of 1", frame(SETTINGS, b"\0\5\0\0\0\1"), "ended"),
    Http2Case("a ping of seven bytes", frame(PING, b"1234567"), "ended"),
    Http2Case("a window moved by nothing", frame(WINDOW_UPDATE, b"\0\0\0\0"), "ended"),
    Http2Case("a window moved too far", frame(WINDOW_UPDATE, b"\x7f\xff\xff\xff"), "ended"),
    Http2Case("a continuation of nothing", whole(block(GET), kind=CONTINUATION), "ended"),
    Http2Case("a ping amid headers", BEGUN + frame(PING, b"12345678"), "ended"),
    Http2Case(
        "another stream's continuation", BEGUN + frame(CONTINUATION, flags=END_HEADERS, stream=3), "ended"
    ),
    Http2Case("a pushed request", whole(b"\0\0\0\2" + block(GET), kind=PUSH_PROMISE), "ended"),
    Http2Case("a stream that depends on itself", frame(PRIORITY, b"\0\0\0\1\0", stream=1) + get(), "ended"),
    Http2Case("an index that names nothing", whole(b"\xfe"), "ended"),
    Http2Case("a table larger than agreed", whole(b"\x3f\xe1\xff\x03" + block(GET)), "ended"),
    Http2Case("a Huffman code of padding", whole(b"\x10\x81\xff\x81\xff"), "ended"),
    Http2Case("a kind of frame that is none", frame(0xEE, b"what") + get(), "200"),
)
