"""The ledger and its operations."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_SEQUENCE = sa.BigInteger().with_variant(sa.Integer, "sqlite")  # SQLite's own row number is an INTEGER
_SQLITE = (
    """
    CREATE TRIGGER runoff_ledger_no_update BEFORE UPDATE ON runoff_ledger
    BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END
    """,
    """
    CREATE TRIGGER runoff_ledger_no_delete BEFORE DELETE ON runoff_ledger
    BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END
    """,
    # INSERT OR REPLACE deletes without asking the trigger above
    """
    CREATE TRIGGER runoff_ledger_no_replace BEFORE INSERT ON runoff_ledger
    WHEN EXISTS (SELECT 1 FROM runoff_ledger WHERE seq = NEW.seq)
    BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END
    """,
)
_POSTGRESQL = (
    """
    CREATE FUNCTION runoff_ledger_refuse() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'the ledger is append-only'; END $$
    """,
    """
    CREATE TRIGGER runoff_ledger_no_change BEFORE UPDATE OR DELETE ON runoff_ledger
    FOR EACH ROW EXECUTE FUNCTION runoff_ledger_refuse()
    """,
    """
    CREATE TRIGGER runoff_ledger_no_truncate BEFORE TRUNCATE ON runoff_ledger
    FOR EACH STATEMENT EXECUTE FUNCTION runoff_ledger_refuse()
    """,
)


def upgrade() -> None:
    """Make both tables, their indexes, and the triggers that keep entries as they are."""
    op.create_table(
        "runoff_ledger",
        sa.Column("seq", _SEQUENCE, primary_key=True, autoincrement=False),
        sa.Column("at", sa.String(27), nullable=False),
        sa.Column("operation", sa.Text, nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("phase", sa.String(20), nullable=False),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("model", sa.Text, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
    )
    for name in ("operation", "kind", "phase", "actor", "model"):
        op.create_index(f"runoff_ledger_{name}", "runoff_ledger", [name, "seq"])
    op.create_index("runoff_ledger_at", "runoff_ledger", ["at", "seq"])
    op.create_index("runoff_ledger_newest", "runoff_ledger", ["model", "phase", "kind", "seq"])
    op.create_table(
        "runoff_operations",
        sa.Column("operation", sa.Text, primary_key=True),
        sa.Column("key", sa.Text, nullable=True, unique=True),
        sa.Column("model", sa.Text, nullable=False),
        sa.Column("pending", sa.Boolean, nullable=False),
        sa.Column("host", sa.Text, nullable=True),
        sa.Column("pid", sa.BigInteger, nullable=True),
        sa.Column("started", sa.Float, nullable=True),
        sa.Column("lease_until", sa.String(27), nullable=True),
    )
    op.create_index(
        "runoff_operations_pending",
        "runoff_operations",
        ["model"],
        unique=True,
        sqlite_where=sa.text("pending"),
        postgresql_where=sa.text("pending"),
    )
    for statement in _SQLITE if op.get_bind().dialect.name == "sqlite" else _POSTGRESQL:
        op.execute(statement)
