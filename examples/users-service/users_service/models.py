"""The tables."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Boolean, DateTime, Integer, String
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

# The newest migration, which makes these tables.
REVISION = "0002"

NAME_LENGTH_MAX = 128
EMAIL_LENGTH_MAX = 254


class Base(DeclarativeBase):
    pass


class User(Base):
    """Somebody who registered or was added. `password_hash` is bcrypt's."""

    __tablename__ = "users"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    username: Mapped[str] = mapped_column(String(NAME_LENGTH_MAX), unique=True)
    email: Mapped[str] = mapped_column(String(EMAIL_LENGTH_MAX), unique=True)
    password_hash: Mapped[str] = mapped_column(String(60))
    active: Mapped[bool] = mapped_column(Boolean)
    admin: Mapped[bool] = mapped_column(Boolean)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), index=True)


class RevokedToken(Base):
    """A token that logged out. In the database, because every replica has to refuse it; kept until it
    would have expired anyway."""

    __tablename__ = "revoked_tokens"

    token_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    expires_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), index=True)
