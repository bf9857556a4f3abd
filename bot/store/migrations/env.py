"""How Alembic runs here: on the connection that ``bot.store.migrate`` hands it."""

from alembic import context

from bot.store.tables import Table

context.configure(
    connection=context.config.attributes["connection"], target_metadata=Table.metadata, render_as_batch=True
)
with context.begin_transaction():
    context.run_migrations()
