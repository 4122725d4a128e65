"""A service whose requests cost what they say: `/burn/MS` of CPU time, `/hold/MIB/SECONDS` of memory."""

import mmap
import os
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

_PAGES = b"x" * 2**16


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        what, *amounts = self.path.strip("/").split("/")
        if what == "burn":
            until = time.thread_time() + float(amounts[0]) / 1000
            while time.thread_time() < until:
                pass
        elif what == "hold":
            # Mapped, so that it goes back at once; written to, so that it is memory and no promise of it.
            with mmap.mmap(-1, int(amounts[0]) * 2**20) as held:
                while held.tell() < len(held):
                    held.write(_PAGES)
                time.sleep(float(amounts[1]))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128


Server((os.environ.get("HOST", "0.0.0.0"), int(os.environ.get("PORT", "8080"))), Handler).serve_forever()
