"""The application factory."""

from __future__ import annotations

import time

from flask import Flask

from users_service.accounts import Accounts
from users_service.answers import answer_problems
from users_service.database import Database
from users_service.parts import EXTENSION, Parts
from users_service.settings import Settings
from users_service.tokens import Tokens
from users_service.views.auth import auth
from users_service.views.ping import ping
from users_service.views.users import users

_BODY_BYTES_MAX = 64 * 1024


def create_app(settings: Settings | None = None) -> Flask:
    """The WSGI application; settings come from the environment unless given. Touches no database."""
    settings = settings or Settings.from_environment()
    app = Flask(__name__, static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = _BODY_BYTES_MAX
    # Otherwise /users would be found under /users/ by a redirect, which clients do not expect of a POST.
    app.url_map.strict_slashes = False
    app.extensions[EXTENSION] = Parts(
        accounts=Accounts(Database(settings.database_url), settings.bcrypt_log_rounds),
        tokens=Tokens(settings.secret_key, settings.token_expiration_seconds),
        container_id=settings.container_id,
    )
    answer_problems(app)
    if settings.response_delay_ms:
        app.before_request(lambda: time.sleep(settings.response_delay_ms / 1000))
    for blueprint in (ping, auth, users):
        app.register_blueprint(blueprint)
    return app
