"""Rows of every table under (table, key), and the revision of the last commit."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "rows",
        sa.Column("table_name", sa.Text, primary_key=True),
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("body", sa.LargeBinary, nullable=False),
    )
    head = op.create_table("head", sa.Column("revision", sa.BigInteger, nullable=False))
    op.bulk_insert(head, [{"revision": 0}])


def downgrade() -> None:
    op.drop_table("head")
    op.drop_table("rows")
