"""Where a request ends: lengths, codings, chunks."""

from __future__ import annotations

from tests.hostile.cases import (
    ENDED,
    NEVER,
    PASSED,
    REWRITTEN,
    REWRITTEN_AND_ENDED,
    SMUGGLED,
    TWO_REQUESTS,
    UNPROCESSABLE,
    Case,
    Outcome,
    chunked,
    everywhere,
    post,
    request,
)

END = b"0\r\n\r\n"
TE = b"Transfer-Encoding: chunked"
UNSEEN = {"monitor": PASSED}
OLD = request(TE, line=b"POST /a HTTP/1.0")


def coded(*fields: bytes) -> bytes:
    """A body in a chunk, with a request hidden behind it for whoever counts differently."""
    return post(*fields, body=END + SMUGGLED)


def sized(*fields: bytes) -> bytes:
    return post(*fields, body=b"abc")


LENGTHS = (
    Case("a plain length", sized(b"Content-Length: 3"), body=b"abc"),
    Case("a length with leading zeros", sized(b"Content-Length: 0003"), body=b"abc"),
    Case("a length amid blanks", sized(b"Content-Length: \t3 \t"), body=b"abc"),
    Case("a length twice", sized(b"Content-Length: 3", b"Content-Length: 3"), "Ambiguous", REWRITTEN),
    Case("a length in a list", sized(b"Content-Length: 3, 3"), "Severe", REWRITTEN),
    Case("two lengths", sized(b"Content-Length: 3", b"Content-Length: 0"), "Severe"),
    Case("two lengths, the greater last", sized(b"Content-Length: 0", b"Content-Length: 3"), "Severe"),
    Case("two lengths in a list", sized(b"Content-Length: 3, 4"), "Severe"),
    Case("a length with a plus", sized(b"Content-Length: +3"), "Severe"),
    Case("a negative length", sized(b"Content-Length: -3"), "Severe"),
    Case("a hexadecimal length", sized(b"Content-Length: 0x3"), "Severe"),
    Case("a length in words", sized(b"Content-Length: three"), "Severe"),
    Case("a length with a fraction", sized(b"Content-Length: 3.0"), "Severe"),
    Case("a length with an exponent", sized(b"Content-Length: 3e0"), "Severe"),
    Case("a length in two words", sized(b"Content-Length: 3 3"), "Severe"),
    Case("an empty length", sized(b"Content-Length:"), "Severe"),
    Case("a length with a vertical tab", sized(b"Content-Length: 3\x0b"), "Severe"),
    Case("a length with a parameter", sized(b"Content-Length: 3;a=b"), "Severe"),
    Case("a length of 2^64 + 3", sized(b"Content-Length: 18446744073709551619"), "Severe"),
    Case("a length of a hundred digits", sized(b"Content-Length: " + b"9" * 100), "Severe"),
    Case("a length in digits beyond ASCII", sized("Content-Length: ٣".encode()), "Severe"),
    Case("a GET with a length", request(b"Content-Length: 3") + b"abc", "Ambiguous", body=b"abc"),
    Case(
        "a GET that hides a request in its body",
        request(b"Content-Length: %d" % len(SMUGGLED)) + SMUGGLED,
        "Ambiguous",
        body=SMUGGLED,
    ),
    Case("a GET with a length of zero", request(b"Content-Length: 0"), "Acceptable"),
)

CODINGS = (
    Case("chunks", chunked(b"3\r\nabc\r\n" + END), body=b"abc"),
    Case("a coding in capitals", post(b"TRANSFER-ENCODING: CHUNKED", body=END), body=b""),
    Case("a coding between tabs", post(b"Transfer-Encoding:\tchunked\t", body=END), body=b""),
    Case(
        "a length, then a coding",
        coded(b"Content-Length: %d" % len(END + SMUGGLED), TE),
        "Ambiguous",
        REWRITTEN_AND_ENDED,
    ),
    Case(
        "a coding, then a length",
        coded(TE, b"Content-Length: %d" % len(END + SMUGGLED)),
        "Ambiguous",
        REWRITTEN_AND_ENDED,
    ),
    Case(
        "a length that ends inside a chunk",
        chunked(b"%x\r\n%b\r\n" % (len(SMUGGLED), SMUGGLED) + END, b"Content-Length: 4"),
        "Ambiguous",
        REWRITTEN_AND_ENDED,
        body=SMUGGLED,
    ),
    Case("a coding and a bad length", coded(TE, b"Content-Length: x"), "Severe"),
    Case("a coding twice", coded(TE, TE), "Severe"),
    Case("chunked, chunked", coded(b"Transfer-Encoding: chunked, chunked"), "Severe"),
    Case("an unknown coding", coded(b"Transfer-Encoding: xchunked"), "Severe"),
    Case(
        "an unknown coding, then chunked",
        coded(b"Transfer-Encoding: x, chunked"),
        "Severe",
        everywhere(UNPROCESSABLE),
    ),
    Case("chunked, then an unknown coding", coded(b"Transfer-Encoding: chunked, x"), "Severe"),
    Case("chunked, then identity", coded(b"Transfer-Encoding: chunked, identity"), "Compliant", NEVER),
    Case(
        "identity, then chunked",
        coded(b"Transfer-Encoding: identity, chunked"),
        "Compliant",
        everywhere(UNPROCESSABLE),
    ),
    Case("identity", coded(b"Transfer-Encoding: identity"), "Compliant", NEVER),
    Case(
        "gzip, then chunked",
        coded(b"Transfer-Encoding: gzip, chunked"),
        "Compliant",
        everywhere(UNPROCESSABLE),
    ),
    Case("an empty coding", coded(b"Transfer-Encoding:"), "Severe"),
    Case("a coding in quotes", coded(b'Transfer-Encoding: "chunked"'), "Severe"),
    Case("a coding with a parameter", coded(b"Transfer-Encoding: chunked;a=b"), "Compliant", NEVER),
    Case("a coding with a vertical tab", coded(b"Transfer-Encoding: \x0bchunked"), "Severe"),
    Case("a coding with a form feed", coded(b"Transfer-Encoding: chunked\x0c"), "Severe"),
    Case("a coding with a NUL", coded(b"Transfer-Encoding: chunked\x00"), "Severe"),
    Case("a coding with a byte beyond ASCII", coded(b"Transfer-Encoding: \xffchunked"), "Severe"),
    Case("a coding in a folded line", coded(b"Transfer-Encoding:\r\n chunked"), "Ambiguous", TWO_REQUESTS),
    Case(
        "a coding hidden in a folded header",
        coded(b"X-A: b\r\n Transfer-Encoding: chunked"),
        "Ambiguous",
        everywhere(Outcome((200, 400), ("/a",))),
    ),
    Case(
        "a coding behind a bare LF", coded(b"X-A: b\nTransfer-Encoding: chunked"), "Acceptable", TWO_REQUESTS
    ),
    Case("a coding behind a bare CR", coded(b"X-A: b\rTransfer-Encoding: chunked"), "Severe"),
    Case("a coding behind a NUL", coded(b"X-A: b\x00Transfer-Encoding: chunked"), "Severe"),
    Case(
        "a space before the colon of a coding",
        coded(b"Transfer-Encoding : chunked"),
        "Ambiguous",
        NEVER,
    ),
    Case(
        "a tab before the colon of a coding",
        coded(b"Transfer-Encoding\t: chunked"),
        "Ambiguous",
        NEVER,
    ),
    Case("a NUL in the name of a coding", coded(b"Transfer\x00-Encoding: chunked"), "Severe"),
    Case("a GET with chunks", request(TE) + END, "Ambiguous", body=b""),
    Case("chunks under HTTP/1.0", OLD + END, "Ambiguous", {"monitor": ENDED}, body=b""),
    *(
        Case(f"a name like a framing header's: {name!r}", request(name + b": chunked"), "Ambiguous")
        for name in (
            b"Transfer_Encoding",
            b"Transfer.Encoding",
            b"TransferEncoding",
            b"-Transfer-Encoding",
            b"Content_Length",
            b"content-length-",
        )
    ),
)

_CHUNKS = (
    Case(
        "chunk sizes in capitals and with zeros",
        chunked(b"00A\r\n0123456789\r\n000\r\n\r\n"),
        body=b"0123456789",
    ),
    Case("a chunk extension", chunked(b"3;a=b\r\nabc\r\n" + END), body=b"abc"),
    Case("a quoted chunk extension", chunked(b'3;a="b;c"\r\nabc\r\n' + END), body=b"abc"),
    Case("a trailer", chunked(b"0\r\nX-Sum: 1\r\n\r\n"), body=b""),
    Case("chunks with LF for CRLF", chunked(b"3\nabc\n0\n\n"), "Severe"),
    Case("a chunk extension that ends with LF", chunked(b"3;a\nabc\r\n" + END), "Severe"),
    # More than HAProxy has room for: it waits in vain for the rest.
    Case(
        "a chunk extension of 20 K",
        chunked(b"3;" + b"a" * 20_000 + b"\r\nabc\r\n" + END),
        "Severe",
        everywhere(Outcome((408,))),
    ),
    Case("a trailer that names a coding", chunked(b"0\r\nTransfer-Encoding: chunked\r\n\r\n"), body=b""),
    # Rules see no trailers: those of HAProxy's parser are all that there are.
    Case("a trailer with a bracket", chunked(b"0\r\nX(A: b\r\n\r\n"), "Severe", UNSEEN, odd=True),
    Case("a trailer with a NUL", chunked(b"0\r\nX-A: b\x00\r\n\r\n"), "Severe", UNSEEN, odd=True),
    Case("a trailer with a CR", chunked(b"0\r\nX-A: b\rc\r\n\r\n"), "Severe"),
    Case("a trailer with a CR in its name", chunked(b"0\r\nX\rA: b\r\n\r\n"), "Severe", UNSEEN, odd=True),
    Case(
        "a trailer with a blank before the colon",
        chunked(b"0\r\nX-A : b\r\n\r\n"),
        "Severe",
        UNSEEN,
        odd=True,
    ),
    Case("a trailer without a colon", chunked(b"0\r\nX-A\r\n\r\n"), "Severe"),
    Case("a trailer that names a length", chunked(b"0\r\nContent-Length: 50\r\n\r\n"), body=b""),
)

BROKEN_CHUNKS = (
    ("no size", b"\r\nabc\r\n"),
    ("a size that is none", b"xyz\r\nabc\r\n"),
    ("a negative size", b"-3\r\nabc\r\n"),
    ("a size with a plus", b"+3\r\nabc\r\n"),
    ("a size with 0x", b"0x3\r\nabc\r\n"),
    ("a size of 17 digits", b"10000000000000003\r\nabc\r\n"),
    ("a size that overflows to 3", b"FFFFFFFFFFFFFFFF0000000000000003\r\nabc\r\n"),
    ("a size before a blank", b" 3\r\nabc\r\n"),
    ("a size and a word", b"3 abc\r\nabc\r\n"),
    ("an underscore in a size", b"0_3\r\nabc\r\n"),
    ("a size that ends with CR alone", b"3\rabc\r\n"),
    ("a size with a NUL", b"3\x00\r\nabc\r\n"),
    ("a chunk longer than its size", b"3\r\nabcdef\r\n"),
    ("a chunk with no line end", b"3\r\nabc0\r\n\r\n"),
    ("a chunk that ends with LFLF", b"3\r\nabc\n\n"),
    ("a size with CRCRLF", b"3\r\r\nabc\r\n"),
)

CHUNKS = (*_CHUNKS, *(Case(name, chunked(raw + END), "Severe") for name, raw in BROKEN_CHUNKS))
