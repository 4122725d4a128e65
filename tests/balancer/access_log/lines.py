"""Lines as HAProxy writes them."""

from __future__ import annotations

from tidegate.balancer.decisions.access_log.raw import LoggedRequest, read_long

SHORT = (
    "A l_1|tg_1.2|200|200|--|0|50001|-|-|-|-|20 127.0.0.1:5|9.001|127.1.1.1:80|0|0|1|25|90|120|i-1_80|"
    "Root=1-6b|GET|HTTP/1.1|/a|b"
)
# What a client's quotes, backslashes, brackets and letters beyond ASCII become.
LONG = (
    "B l_1|tg_a1|200|200|--|0|50001|-|-|-|-|10 127.0.0.1:44508|1795648920.387|127.0.0.1:34587|1|2|3|20|96|50|"
    "i-1_34587|1795648920388794|1|-|-|1795648920367342-8fef1427-446a-491f-9b1c-9682e50d4d39|1|1|-|-|-|-|"
    "-|-|-|-|]GET|]HTTP/1.1|]lab|]-|]/a?x=1#22#E9|]"
    'ag \\"q\\" \\\\ \\] |\\] \xe9 #22|]Self=1-6b;Root=1-2|\\]3|]-|]-|]-|]-'
)


def request(**fields: str) -> LoggedRequest:
    """A forwarded one, with these fields otherwise."""
    fields.setdefault("user_agent", "curl/8")
    fields.setdefault("trace", "Root=1-6b")
    fields.setdefault("uri", "/a?x=1")
    said = read_long(LONG)
    assert said is not None
    return said._replace(**fields)
