"""A small service that keeps users: registration, tokens, a list. `create_app` makes the WSGI application."""

from users_service.app import create_app

__all__ = ["create_app"]
