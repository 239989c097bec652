"""What alembic runs: the steps that are missing, on the connection that it is handed.

The caller holds the ledger's locks and the transaction, so a step is done wholly or not at all.
"""

from alembic import context

from core.decision.ledger_tables import VERSION_TABLE, metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    version_table=VERSION_TABLE,
)
context.run_migrations()
