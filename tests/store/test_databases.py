"""One writer, known outcomes."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path

import pytest
import sqlalchemy as sa

from tidegate.control.store import DatabaseBusyError, DatabaseLostError, Store, StoreFailedError
from tidegate.control.store.database import Database, DatabaseUnreachableError, StoredRow, WriteRefusedError
from tidegate.control.store.opening import open_database
from tidegate.control.store.postgresql import PostgresqlDatabase
from tidegate.control.store.sqlite import SqliteDatabase
from tidegate.control.store.tables import ALL
from tidegate.testing.postgresql import PostgreSql

ROW = StoredRow("clusters", "k", b"{}")


def test_a_second_control_is_refused_and_told_why(url: str) -> None:
    first = open_database(url)
    with pytest.raises(DatabaseBusyError, match="another control process is active"):
        open_database(url)
    first.close()
    open_database(url).close()


@pytest.mark.postgresql
def test_a_standby_waits_and_takes_over(postgresql: PostgreSql) -> None:
    url = postgresql.new_database()
    active = open_database(url)
    active.write([ROW], 1)
    standbys: list[Database] = []
    waiting = threading.Thread(target=lambda: standbys.append(open_database(url, wait_for_lock=True)))
    waiting.start()
    waiting.join(0.3)
    assert waiting.is_alive()

    active.write([ROW], 2)
    active.close()
    waiting.join(10)
    assert standbys[0].revision == 2
    standbys[0].close()


@pytest.mark.postgresql
def test_a_process_that_was_cut_off_cannot_write_behind_its_successor(postgresql: PostgreSql) -> None:
    url = postgresql.new_database()
    old = open_database(url)
    old.write([ROW], 1)
    postgresql.disconnect_all(url)
    new = open_database(url)
    new.write([ROW], 2)
    with pytest.raises(DatabaseLostError):
        old.write([ROW], 2)
    with pytest.raises(DatabaseLostError):
        old.write([ROW], 3)
    with pytest.raises(DatabaseLostError):
        old.check()
    old.close()
    new.close()


@pytest.mark.postgresql
async def test_a_store_that_lost_its_database_says_so(postgresql: PostgreSql) -> None:
    url = postgresql.new_database()
    store = Store(open_database(url), ALL)
    store.load()
    await store.check()
    postgresql.disconnect_all(url)
    await store.check()
    await asyncio.wait_for(store.lost(), 1)
    with pytest.raises(StoreFailedError):
        await store.transact(lambda tx: tx.state)
    await store.close()


@pytest.mark.postgresql
def test_durability_switched_off_in_postgresql_is_switched_on_for_us(postgresql: PostgreSql) -> None:
    url = postgresql.new_database()
    database = PostgresqlDatabase(url + "&options=-c%20synchronous_commit%3Doff")
    with database.connection.begin():
        setting = database.connection.execute(sa.text("SHOW synchronous_commit")).scalar_one()
    assert setting == "on"
    database.close()


def test_a_full_disk_keeps_nothing_and_the_next_write_succeeds(tmp_path: Path) -> None:
    database = SqliteDatabase(tmp_path / "state.db")
    database.write([ROW], 1)
    ((pages,),) = database.connection.execute("PRAGMA page_count")
    database.connection.execute(f"PRAGMA max_page_count = {pages}").close()
    with pytest.raises(WriteRefusedError):
        database.write([StoredRow("clusters", "big", b"x" * 1_000_000)], 2)
    assert [row.key for row in database.load()] == ["k"]
    database.write([StoredRow("clusters", "k", b"[]")], 2)
    database.close()


def test_sqlite_syncs_every_commit(tmp_path: Path) -> None:
    database = SqliteDatabase(tmp_path / "state.db")
    pragmas = [
        database.connection.execute(f"PRAGMA {name}").fetchone() for name in ("journal_mode", "synchronous")
    ]
    assert pragmas == [("wal",), (2,)]
    database.close()


@pytest.mark.parametrize("url", ["sqlite:///{}/state.db", "postgresql+psycopg://me:hunter2@127.0.0.1:1/x"])
def test_a_database_that_lets_nobody_in_is_named_without_its_password(url: str, tmp_path: Path) -> None:
    (tmp_path / "state.db").write_bytes(b"not a database" * 100)
    with pytest.raises(DatabaseUnreachableError, match="does not let us in: ") as failure:
        open_database(url.format(tmp_path))
    assert "hunter2" not in str(failure.value)
