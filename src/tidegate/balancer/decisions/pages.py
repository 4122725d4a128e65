"""The answers that the load balancer makes itself, as Application Load Balancers word them."""

from __future__ import annotations

# Statuses that HAProxy's own error files can stand for, then those that only rules give.
PHRASES = {
    400: "Bad Request",
    403: "Forbidden",
    408: "Request Time-out",
    500: "Internal Server Error",
    501: "Not Implemented",
    502: "Bad Gateway",
    503: "Service Temporarily Unavailable",
    504: "Gateway Time-out",
}
RULE_PHRASES = {
    301: "Moved Permanently",
    302: "Found",
    401: "Authorization Required",
    405: "Method Not Allowed",
    463: "",
    464: "",
    505: "HTTP Version Not Supported",
    507: "Insufficient Storage",
    561: "",
    562: "",
}
# The connection is of no use any more: where the request ends is unknown.
_CLOSING = frozenset({400, 408})


def page(status: int) -> str:
    """The HTML."""
    return html(f"{status} {PHRASES.get(status) or RULE_PHRASES.get(status, '')}".strip())


def html(title: str) -> str:
    """A page that says nothing but its title."""
    return (
        f"<html>\r\n<head><title>{title}</title></head>\r\n<body>\r\n"
        f"<center><h1>{title}</h1></center>\r\n</body>\r\n</html>\r\n"
    )


def error_file(status: int) -> str:
    """The whole answer, as HAProxy's error files want it."""
    html = page(status)
    connection = "close" if status in _CLOSING else "keep-alive"
    return (
        f"HTTP/1.1 {status} {PHRASES[status]}\r\nServer: awselb/2.0\r\nContent-Type: text/html\r\n"
        f"Content-Length: {len(html)}\r\nConnection: {connection}\r\n\r\n{html}"
    )


def files() -> dict[str, str]:
    """Every page's file, by name."""
    errors = {f"{status}.http": error_file(status) for status in PHRASES}
    return errors | {f"{status}.html": page(status) for status in RULE_PHRASES}
