"""The health check."""

from __future__ import annotations

from flask import Blueprint, Response

from users_service.answers import success
from users_service.parts import parts

ping = Blueprint("ping", __name__)


@ping.get("/ping")
def pong() -> tuple[Response, int]:
    """Whether this process answers. Asks no database: one that is away must not have every replica
    replaced."""
    return success("pong!", container_id=parts().container_id)
