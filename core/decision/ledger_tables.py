"""The tables of the ledger as this version of Runoff reads them; `migrations/` makes them."""

import sqlalchemy as sa

HEAD = "0001"  # the revision that these tables are
VERSION_TABLE = "runoff_schema"  # MLflow keeps its own in alembic_version, maybe in the same database

metadata = sa.MetaData()
SEQUENCE = sa.BigInteger().with_variant(sa.Integer, "sqlite")  # SQLite's own row number is an INTEGER

# Append-only: triggers refuse updates and deletes. `body` is what was signed; the columns beside it are for
# finding entries, and verify compares them with the body.
entries = sa.Table(
    "runoff_ledger",
    metadata,
    sa.Column("seq", SEQUENCE, primary_key=True, autoincrement=False),
    sa.Column("at", sa.String(27), nullable=False),
    sa.Column("operation", sa.Text, nullable=False),
    sa.Column("kind", sa.String(20), nullable=False),
    sa.Column("phase", sa.String(20), nullable=False),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("model", sa.Text, nullable=False),
    sa.Column("body", sa.Text, nullable=False),
    sa.Column("hash", sa.String(64), nullable=False),
)

# One row for each operation. While it is pending no other of the same model can begin: a unique index over
# the pending rows sees to that. The row stays, for its idempotency key.
operations = sa.Table(
    "runoff_operations",
    metadata,
    sa.Column("operation", sa.Text, primary_key=True),
    sa.Column("key", sa.Text, nullable=True, unique=True),
    sa.Column("model", sa.Text, nullable=False),
    sa.Column("pending", sa.Boolean, nullable=False),
    sa.Column("host", sa.Text, nullable=True),  # of the owner; no owner: anybody may settle it
    sa.Column("pid", sa.BigInteger, nullable=True),
    sa.Column("started", sa.Float, nullable=True),
    sa.Column("lease_until", sa.String(27), nullable=True),
)
