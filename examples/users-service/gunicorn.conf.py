"""How gunicorn serves the application; it reads this file by itself: run `gunicorn` in this directory."""

from __future__ import annotations

import os
import signal
import sys
from types import FrameType

from gunicorn.arbiter import Arbiter

from users_service.database import Database
from users_service.schema import migrate
from users_service.settings import Settings, SettingsError
from users_service.wholeness import answer_in_one_write

wsgi_app = os.environ.get("WSGI_APPLICATION", "users_service:create_app()")
bind = f"{os.environ.get('HOST', '0.0.0.0')}:{os.environ.get('PORT', '5000')}"
worker_class = "gthread"
threads = 16
# Longer than a load balancer keeps a connection open without use (60 s), so that it never sends a request
# into one that is closed at that moment.
keepalive = 75
# The longest a request may go on after SIGTERM; the orchestrator's own limit is 30 s.
graceful_timeout = 28
# A heartbeat file on a slow disk would count as a worker that hangs.
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None
# Loaded once, before the workers are forked; it opens no connection until a request needs one.
preload_app = True
# Its socket lies in the home directory, which replicas may share.
control_socket_disable = True
accesslog = os.environ.get("ACCESS_LOG") or None

_DATABASE_PATIENCE_SECONDS = 60.0

answer_in_one_write()


def on_starting(_: Arbiter) -> None:
    """Migrate before anything is served. A database that starts beside us is waited for."""

    def end(_signal: int, _frame: FrameType | None) -> None:
        sys.exit(0)

    # As the first process of a container we would ignore SIGTERM; gunicorn listens to it only later.
    signal.signal(signal.SIGTERM, end)
    try:
        settings = Settings.from_environment()
    except SettingsError as error:
        sys.exit(str(error))
    database = Database(settings.database_url)
    migrate(database, patience_seconds=_DATABASE_PATIENCE_SECONDS)
    # A worker must not inherit an open connection.
    database.close()
