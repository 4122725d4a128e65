"""URLs are told over HTTP, and what is no 2xx was not heard."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tidegate.control.webhooks import HttpWebhooks, WebhookFailedError

heard: list[tuple[str, str, object]] = []
gave_up = threading.Event()


class Hook(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        heard.append((self.path, self.headers["X-Tidegate-Notification-Id"], body))
        if self.path == "/drip":
            self.drip()
            return
        self.send_response(int(self.path.rpartition("/")[2]))
        self.send_header("Location", "/200")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def drip(self) -> None:
        """A head that has no end: a byte at a time, until the other side has enough of it."""
        self.wfile.write(b"HTTP/1.1 200 OK\r\nX-Long: ")
        for _ in range(1000):
            try:
                self.wfile.write(b"x")
            except OSError:
                gave_up.set()
                return
            time.sleep(0.01)

    do_GET = do_POST

    def log_message(self, *_: object) -> None:
        """Nobody reads it."""


@pytest.fixture
def url() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Hook)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    heard.clear()


async def test_a_url_is_told_with_the_notifications_id(url: str) -> None:
    await HttpWebhooks().post(f"{url}/204", b'{"a": 1}', "the-id")
    assert heard == [("/204", "the-id", {"a": 1})]


@pytest.mark.parametrize("status", ["302", "404", "500"])
async def test_anything_but_2xx_was_not_heard_and_no_redirection_is_followed(url: str, status: str) -> None:
    with pytest.raises(WebhookFailedError, match=status):
        await HttpWebhooks().post(f"{url}/{status}", b"{}", "id")
    assert [path for path, _, _ in heard] == [f"/{status}"]


@pytest.mark.parametrize("nowhere", ["http://127.0.0.1:1/x", "http://", "http://[::/x", "https://a b/"])
async def test_what_cannot_be_reached_was_not_heard(nowhere: str) -> None:
    with pytest.raises(WebhookFailedError):
        await HttpWebhooks().post(nowhere, b"{}", "id")


async def test_an_answer_that_drips_is_waited_for_no_longer_than_one_that_does_not_come(url: str) -> None:
    with pytest.raises(WebhookFailedError, match="no answer within"):
        await HttpWebhooks(timeout_seconds=0.2).post(f"{url}/drip", b"{}", "id")
    assert gave_up.wait(5), "the connection is still open"


async def test_a_name_is_looked_up_and_the_environments_proxy_is_used(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await HttpWebhooks().post(f"{url}/200".replace("127.0.0.1", "localhost"), b"{}", "direct")
    monkeypatch.setenv("http_proxy", url)
    with pytest.raises(WebhookFailedError, match="404"):
        await HttpWebhooks().post("http://elsewhere.invalid/404", b"{}", "by proxy")
    assert [notification for _, notification, _ in heard] == ["direct", "by proxy"]
