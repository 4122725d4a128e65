"""The operator's commands: `python -m users_service.manage --help`."""

from __future__ import annotations

import argparse
import getpass
import sys
from collections.abc import Sequence

from users_service.accounts import Accounts, TakenError, utc_now
from users_service.database import Database
from users_service.schema import migrate
from users_service.settings import Settings, SettingsError

_PATIENCE_SECONDS = 30.0


def main(arguments: Sequence[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    try:
        settings = Settings.from_environment()
    except SettingsError as error:
        print(error, file=sys.stderr)
        return 1
    database = Database(settings.database_url)
    migrate(database, patience_seconds=_PATIENCE_SECONDS)
    accounts = Accounts(database, settings.bcrypt_log_rounds)
    if options.command == "create-admin":
        return _create_admin(accounts, options.username, options.email, options.password)
    if options.command in ("activate", "deactivate"):
        return _set_active(accounts, options.email, options.command == "activate")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m users_service.manage")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("migrate", help="bring the database's schema to the newest revision")
    admin = commands.add_parser("create-admin", help="add a user who may add users")
    admin.add_argument("username")
    admin.add_argument("email")
    admin.add_argument("password", nargs="?", help="asked for when it is not given")
    for name in ("activate", "deactivate"):
        commands.add_parser(name, help=f"{name} a user").add_argument("email")
    return parser


def _create_admin(accounts: Accounts, username: str, email: str, password: str | None) -> int:
    password = password or getpass.getpass()
    try:
        accounts.add(username, email, password, now=utc_now(), is_admin=True)
    except TakenError as error:
        print(f"That {error} is taken.", file=sys.stderr)
        return 1
    print(f"{email} is an admin.")
    return 0


def _set_active(accounts: Accounts, email: str, is_active: bool) -> int:
    if not accounts.set_active(email, is_active):
        print(f"There is no user {email}.", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
