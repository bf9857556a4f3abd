"""Feedback and unanswered questions."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the first tables."""
    op.create_table(
        "feedback",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("given_on", sa.Date, nullable=False),
        sa.Column("answer_id", sa.String(20), nullable=False),
        sa.Column("corpus_version", sa.String(16), nullable=False),
        sa.Column("helpful", sa.Boolean, nullable=False),
        sa.Column("reason", sa.String(32), nullable=True),
    )
    op.create_index("ix_feedback_given_on", "feedback", ["given_on"])
    op.create_index("ix_feedback_answer_id", "feedback", ["answer_id"])
    op.create_table(
        "feedback_passage",
        sa.Column("feedback_id", sa.Integer, sa.ForeignKey("feedback.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("passage_id", sa.String(160), primary_key=True),
    )
    op.create_index("ix_feedback_passage_passage_id", "feedback_passage", ["passage_id"])
    op.create_table(
        "unanswered",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("asked_on", sa.Date, nullable=False),
        sa.Column("lang", sa.String(35), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
    )
    op.create_index("ix_unanswered_asked_on", "unanswered", ["asked_on"])


def downgrade() -> None:
    """Drop them."""
    op.drop_table("unanswered")
    op.drop_table("feedback_passage")
    op.drop_table("feedback")
