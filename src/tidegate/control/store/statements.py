"""What is said to either database, in the SQL that both speak."""

from __future__ import annotations

ROWS = "SELECT table_name, key, body FROM rows"
REVISION = "SELECT revision FROM head"
UPSERT = (
    "INSERT INTO rows (table_name, key, body) VALUES (:t, :k, :b) "
    "ON CONFLICT (table_name, key) DO UPDATE SET body = excluded.body"
)
DELETE = "DELETE FROM rows WHERE table_name = :t AND key = :k"
SET_REVISION = "UPDATE head SET revision = :new WHERE revision = :old"
