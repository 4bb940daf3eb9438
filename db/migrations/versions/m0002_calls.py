"""Calls, seats, and the nodes that hold them."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "calls",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("room_id", sa.String(64), nullable=False),
        sa.Column("active_room_id", sa.String(64)),
        sa.Column("started_at", INSTANT, nullable=False),
        sa.Column("ended_at", INSTANT),
        sa.Column("started_by", sa.Text, nullable=False),
        sa.Column("policy", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_calls"),
        sa.ForeignKeyConstraint(["room_id"], ["rooms.id"], name="fk_calls_room_id"),
        sa.UniqueConstraint("active_room_id", name="uq_calls_active_room_id"),
    )
    op.create_index("ix_calls_room_id", "calls", ["room_id", "id"])
    op.create_table(
        "call_seats",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("call_id", sa.String(64), nullable=False),
        sa.Column("user_id", sa.String(128), nullable=False),
        sa.Column("user", sa.Text, nullable=False),
        sa.Column("node_id", sa.String(64), nullable=False),
        sa.Column("asked_at", INSTANT, nullable=False),
        sa.Column("joined_at", INSTANT),
        sa.Column("left_at", INSTANT),
        sa.Column("reason", sa.String(20)),
        sa.Column("details", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_call_seats"),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"], name="fk_call_seats_call_id"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_call_seats_user_id"),
    )
    op.create_index("ix_call_seats_call_id", "call_seats", ["call_id", "left_at"])
    op.create_index("ix_call_seats_node_id", "call_seats", ["node_id", "left_at"])
    op.create_table(
        "call_nodes",
        sa.Column("node_id", sa.String(64), nullable=False),
        sa.Column("beat", sa.Integer, nullable=False),
        sa.Column("beat_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("node_id", name="pk_call_nodes"),
    )


def downgrade() -> None:
    for table in ("call_nodes", "call_seats", "calls"):
        op.drop_table(table)
