"""The users-service with one more endpoint: a request of two seconds, long enough to span a drain."""

from __future__ import annotations

import time

from flask import Flask, Response, jsonify

from users_service import create_app as create_users_service

SLOW_SECONDS = 2.0


def create_app() -> Flask:
    app = create_users_service()

    @app.get("/slow")
    def slow() -> Response:
        time.sleep(SLOW_SECONDS)
        return jsonify(status="success", message="slept")

    return app
