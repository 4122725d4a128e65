"""Users in the database: finding, adding, letting in."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache

from sqlalchemy import delete, or_, select
from sqlalchemy.exc import IntegrityError

from users_service import passwords
from users_service.database import Database
from users_service.models import RevokedToken, User
from users_service.tokens import Token


class TakenError(Exception):
    """Another user has that name or that address."""

    def __init__(self, *, is_email: bool) -> None:
        super().__init__("email" if is_email else "username")
        self.is_email = is_email


class Accounts:
    def __init__(self, database: Database, bcrypt_log_rounds: int) -> None:
        self._database = database
        self._log_rounds = bcrypt_log_rounds

    def close(self) -> None:
        """Close the database's connections."""
        self._database.close()

    def add(self, username: str, email: str, password: str, *, now: datetime, is_admin: bool = False) -> User:
        """A new, active user. Raises TakenError."""
        # Looked up before the costly hash; the constraint decides between two that come at once.
        self._refuse_taken(username, email)
        user = User(
            username=username,
            email=email,
            password_hash=passwords.hash_password(password, self._log_rounds),
            active=True,
            admin=is_admin,
            created_at=now,
        )
        try:
            with self._database.session() as session, session.begin():
                session.add(user)
        except IntegrityError:
            self._refuse_taken(username, email)
            raise
        return user

    def find(self, user_id: int) -> User | None:
        with self._database.session() as session:
            return session.get(User, user_id)

    def newest_first(self) -> list[User]:
        with self._database.session() as session:
            return list(session.scalars(select(User).order_by(User.created_at.desc(), User.id.desc())))

    def let_in(self, email: str, password: str) -> User | None:
        """The user with that address and password. Who is unknown takes as long as who is mistaken."""
        with self._database.session() as session:
            user = session.scalar(select(User).where(User.email == email))
        known_hash = user.password_hash if user else _nobodys_hash(self._log_rounds)
        return user if passwords.matches(password, known_hash) else None

    def set_active(self, email: str, is_active: bool) -> bool:
        """Whether there is such a user."""
        with self._database.session() as session, session.begin():
            user = session.scalar(select(User).where(User.email == email))
            if user is not None:
                user.active = is_active
            return user is not None

    def revoke(self, token: Token, now: datetime) -> None:
        """Refuse a token from now on, on every replica; forget those that have expired."""
        try:
            with self._database.session() as session, session.begin():
                session.execute(delete(RevokedToken).where(RevokedToken.expires_at < now))
                session.add(RevokedToken(token_id=token.id, expires_at=token.expires_at))
        except IntegrityError:
            # Revoked twice at once: it is revoked.
            return

    def is_revoked(self, token: Token) -> bool:
        with self._database.session() as session:
            return session.get(RevokedToken, token.id) is not None

    def _refuse_taken(self, username: str, email: str) -> None:
        taken = or_(User.username == username, User.email == email)
        with self._database.session() as session:
            holders = list(session.scalars(select(User).where(taken)))
        if holders:
            raise TakenError(is_email=any(holder.email == email for holder in holders))


def utc_now() -> datetime:
    return datetime.now(UTC)


def timestamp(moment: datetime) -> str:
    """ISO 8601 in UTC. SQLite forgets the zone; what it keeps is UTC."""
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC).isoformat()


@cache
def _nobodys_hash(log_rounds: int) -> str:
    return passwords.hash_password("nobody", log_rounds)
