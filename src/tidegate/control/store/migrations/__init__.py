"""The schema, and how a database gets to it at every start.

A new database is made as the newest schema has it and stamped with its revision; an older one goes through
Alembic's migrations in `versions/`. A test keeps both ways to the same schema. Alembic is imported only for
that second way: it would add a third of a second to every start.
"""

from __future__ import annotations

REVISION = "0001"
