"""Meetings: the schedule, what providers hold, jobs, webhooks, and what a class leaves behind; addresses of people."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("users", sa.Column("email", sa.String(254)))
    op.add_column("users", sa.Column("zone", sa.String(64)))
    _schedule()
    _providers()
    _afterwards()
    _mail()


def _schedule() -> None:
    op.create_table(
        "meetings",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("room_id", sa.String(64), nullable=False),
        sa.Column("host_id", sa.String(128), nullable=False),
        sa.Column("created_by", sa.String(128), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.Column("sequence", sa.Integer, nullable=False),
        sa.Column("cancelled_at", INSTANT),
        sa.Column("reminders", sa.Text, nullable=False),
        sa.Column("guests", sa.Text, nullable=False),
        sa.Column("creation_key", sa.String(300)),
        sa.PrimaryKeyConstraint("id", name="pk_meetings"),
        sa.ForeignKeyConstraint(["room_id"], ["rooms.id"], name="fk_meetings_room_id"),
        sa.ForeignKeyConstraint(["host_id"], ["users.id"], name="fk_meetings_host_id"),
        sa.ForeignKeyConstraint(["created_by"], ["users.id"], name="fk_meetings_created_by"),
        sa.UniqueConstraint("creation_key", name="uq_meetings_creation_key"),
    )
    op.create_index("ix_meetings_room_id", "meetings", ["room_id", "id"])
    op.create_table(
        "meeting_parts",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("meeting_id", sa.String(64), nullable=False),
        sa.Column("starts", sa.String(16), nullable=False),
        sa.Column("zone", sa.String(64), nullable=False),
        sa.Column("minutes", sa.Integer, nullable=False),
        sa.Column("rule", sa.String(500)),
        sa.Column("except_keys", sa.Text, nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("description", sa.Text, nullable=False),
        sa.Column("provider", sa.String(32), nullable=False),
        sa.Column("policy", sa.Text, nullable=False),
        sa.Column("alternative_hosts", sa.Text, nullable=False),
        sa.Column("host_account", sa.String(254)),
        sa.Column("tzdata", sa.String(20), nullable=False),
        sa.Column("sequence", sa.Integer, nullable=False),
        sa.Column("ended", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_meeting_parts"),
        sa.ForeignKeyConstraint(["meeting_id"], ["meetings.id"], name="fk_meeting_parts_meeting_id"),
    )
    op.create_index("ix_meeting_parts_meeting_id", "meeting_parts", ["meeting_id", "id"])
    op.create_table(
        "meeting_occurrences",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("meeting_id", sa.String(64), nullable=False),
        sa.Column("part_id", sa.String(64), nullable=False),
        sa.Column("key", sa.String(16), nullable=False),
        sa.Column("starts", sa.String(16), nullable=False),
        sa.Column("zone", sa.String(64), nullable=False),
        sa.Column("starts_at", INSTANT, nullable=False),
        sa.Column("ends_at", INSTANT, nullable=False),
        sa.Column("adjustment", sa.String(16)),
        sa.Column("title", sa.String(200)),
        sa.Column("description", sa.Text),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("sequence", sa.Integer, nullable=False),
        sa.Column("changed", sa.Boolean, nullable=False),
        sa.Column("started_at", INSTANT),
        sa.Column("ended_at", INSTANT),
        sa.PrimaryKeyConstraint("id", name="pk_meeting_occurrences"),
        sa.ForeignKeyConstraint(["meeting_id"], ["meetings.id"], name="fk_meeting_occurrences_meeting_id"),
        sa.ForeignKeyConstraint(["part_id"], ["meeting_parts.id"], name="fk_meeting_occurrences_part_id"),
    )
    op.create_index("ix_meeting_occurrences_part_id", "meeting_occurrences", ["part_id"])
    op.create_index("ix_meeting_occurrences_starts_at", "meeting_occurrences", ["starts_at"])
    op.create_index(
        "uq_meeting_occurrences_meeting_id_key", "meeting_occurrences", ["meeting_id", "key"], unique=True
    )
    op.create_table(
        "meeting_changes",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("meeting_id", sa.String(64), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("actor", sa.Text),
        sa.Column("what", sa.String(40), nullable=False),
        sa.Column("words", sa.Text, nullable=False),
        sa.Column("scope", sa.String(16)),
        sa.Column("key", sa.String(16)),
        sa.Column("reason", sa.String(500)),
        sa.PrimaryKeyConstraint("id", name="pk_meeting_changes"),
        sa.ForeignKeyConstraint(["meeting_id"], ["meetings.id"], name="fk_meeting_changes_meeting_id"),
    )
    op.create_index("ix_meeting_changes_meeting_id", "meeting_changes", ["meeting_id", "id"])


def _providers() -> None:
    op.create_table(
        "meeting_links",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("meeting_id", sa.String(64), nullable=False),
        sa.Column("part_id", sa.String(64), nullable=False),
        sa.Column("occurrence_id", sa.String(64)),
        sa.Column("provider", sa.String(32), nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("wanted", sa.Boolean, nullable=False),
        sa.Column("external_id", sa.String(400)),
        sa.Column("reference", sa.Text, nullable=False),
        sa.Column("pushed", sa.String(64), nullable=False),
        sa.Column("claim", sa.String(64)),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("problem_code", sa.String(32)),
        sa.Column("problem", sa.Text),
        sa.Column("hint", sa.Text),
        sa.Column("retry_at", INSTANT),
        sa.Column("troubled_at", INSTANT),
        sa.Column("told_at", INSTANT),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("seen_at", INSTANT),
        sa.PrimaryKeyConstraint("id", name="pk_meeting_links"),
        sa.ForeignKeyConstraint(["meeting_id"], ["meetings.id"], name="fk_meeting_links_meeting_id"),
        sa.ForeignKeyConstraint(["part_id"], ["meeting_parts.id"], name="fk_meeting_links_part_id"),
        sa.ForeignKeyConstraint(
            ["occurrence_id"], ["meeting_occurrences.id"], name="fk_meeting_links_occurrence_id"
        ),
    )
    op.create_index("ix_meeting_links_meeting_id", "meeting_links", ["meeting_id"])
    op.create_index("ix_meeting_links_provider_external_id", "meeting_links", ["provider", "external_id"])
    op.create_table(
        "provider_memory",
        sa.Column("provider", sa.String(32), nullable=False),
        sa.Column("key", sa.String(300), nullable=False),
        sa.Column("value", sa.Text, nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("provider", "key", name="pk_provider_memory"),
    )
    op.create_table(
        "meeting_invitations",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("meeting_id", sa.String(64), nullable=False),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("name", sa.String(120)),
        sa.Column("secret_hash", sa.String(64), nullable=False),
        sa.Column("created_by", sa.String(128), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.Column("revoked_at", INSTANT),
        sa.PrimaryKeyConstraint("id", name="pk_meeting_invitations"),
        sa.ForeignKeyConstraint(["meeting_id"], ["meetings.id"], name="fk_meeting_invitations_meeting_id"),
        sa.UniqueConstraint("secret_hash", name="uq_meeting_invitations_secret_hash"),
    )
    op.create_index("ix_meeting_invitations_meeting_id", "meeting_invitations", ["meeting_id", "id"])
    op.create_table(
        "calendar_feeds",
        sa.Column("user_id", sa.String(128), nullable=False),
        sa.Column("secret_hash", sa.String(64), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("user_id", name="pk_calendar_feeds"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_calendar_feeds_user_id"),
        sa.UniqueConstraint("secret_hash", name="uq_calendar_feeds_secret_hash"),
    )
    op.create_table(
        "jobs",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("key", sa.String(300), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("payload", sa.Text, nullable=False),
        sa.Column("meeting_id", sa.String(64)),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("again", sa.Boolean, nullable=False),
        sa.Column("due_at", INSTANT, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("lease", sa.String(64)),
        sa.Column("locked_until", INSTANT),
        sa.Column("error", sa.Text),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("finished_at", INSTANT),
        sa.PrimaryKeyConstraint("id", name="pk_jobs"),
        sa.UniqueConstraint("key", name="uq_jobs_key"),
    )
    op.create_index("ix_jobs_meeting_id", "jobs", ["meeting_id"])
    op.create_index("ix_jobs_state_due_at", "jobs", ["state", "due_at"])
    op.create_table(
        "provider_webhooks",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("provider", sa.String(32), nullable=False),
        sa.Column("key", sa.String(128), nullable=False),
        sa.Column("received_at", INSTANT, nullable=False),
        sa.Column("raw", sa.Text, nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("error", sa.Text),
        sa.PrimaryKeyConstraint("id", name="pk_provider_webhooks"),
    )
    op.create_index(
        "uq_provider_webhooks_provider_key", "provider_webhooks", ["provider", "key"], unique=True
    )


def _afterwards() -> None:
    op.create_table(
        "meeting_sessions",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("meeting_id", sa.String(64), nullable=False),
        sa.Column("occurrence_id", sa.String(64), nullable=False),
        sa.Column("link_id", sa.String(64), nullable=False),
        sa.Column("session", sa.String(300), nullable=False),
        sa.Column("started_at", INSTANT, nullable=False),
        sa.Column("ended_at", INSTANT),
        sa.Column("reported_at", INSTANT),
        sa.PrimaryKeyConstraint("id", name="pk_meeting_sessions"),
        sa.ForeignKeyConstraint(["meeting_id"], ["meetings.id"], name="fk_meeting_sessions_meeting_id"),
        sa.ForeignKeyConstraint(
            ["occurrence_id"], ["meeting_occurrences.id"], name="fk_meeting_sessions_occurrence_id"
        ),
        sa.ForeignKeyConstraint(["link_id"], ["meeting_links.id"], name="fk_meeting_sessions_link_id"),
    )
    op.create_index("ix_meeting_sessions_occurrence_id", "meeting_sessions", ["occurrence_id"])
    op.create_index(
        "uq_meeting_sessions_link_id_session", "meeting_sessions", ["link_id", "session"], unique=True
    )
    op.create_table(
        "meeting_stays",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("session_id", sa.String(64), nullable=False),
        sa.Column("occurrence_id", sa.String(64), nullable=False),
        sa.Column("source", sa.String(10), nullable=False),
        sa.Column("person", sa.String(300), nullable=False),
        sa.Column("user_id", sa.String(128)),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("email", sa.String(254)),
        sa.Column("joined_at", INSTANT, nullable=False),
        sa.Column("left_at", INSTANT),
        sa.PrimaryKeyConstraint("id", name="pk_meeting_stays"),
        sa.ForeignKeyConstraint(["session_id"], ["meeting_sessions.id"], name="fk_meeting_stays_session_id"),
        sa.ForeignKeyConstraint(
            ["occurrence_id"], ["meeting_occurrences.id"], name="fk_meeting_stays_occurrence_id"
        ),
    )
    op.create_index("ix_meeting_stays_occurrence_id", "meeting_stays", ["occurrence_id"])
    op.create_index(
        "uq_meeting_stays_key", "meeting_stays", ["session_id", "source", "person", "joined_at"], unique=True
    )
    op.create_table(
        "meeting_recordings",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("meeting_id", sa.String(64), nullable=False),
        sa.Column("occurrence_id", sa.String(64)),
        sa.Column("link_id", sa.String(64), nullable=False),
        sa.Column("external_id", sa.String(300), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("path", sa.String(300)),
        sa.Column("content_type", sa.String(100)),
        sa.Column("bytes", sa.BigInteger),
        sa.Column("seconds", sa.Integer),
        sa.Column("starts_at", INSTANT),
        sa.Column("problem", sa.Text),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("keep_until", INSTANT),
        sa.PrimaryKeyConstraint("id", name="pk_meeting_recordings"),
        sa.ForeignKeyConstraint(["meeting_id"], ["meetings.id"], name="fk_meeting_recordings_meeting_id"),
        sa.ForeignKeyConstraint(
            ["occurrence_id"], ["meeting_occurrences.id"], name="fk_meeting_recordings_occurrence_id"
        ),
        sa.ForeignKeyConstraint(["link_id"], ["meeting_links.id"], name="fk_meeting_recordings_link_id"),
    )
    op.create_index("ix_meeting_recordings_meeting_id", "meeting_recordings", ["meeting_id", "id"])
    op.create_index(
        "uq_meeting_recordings_link_id_external_id",
        "meeting_recordings",
        ["link_id", "external_id"],
        unique=True,
    )


def _mail() -> None:
    op.create_table(
        "meeting_invitees",
        sa.Column("part_id", sa.String(64), nullable=False),
        sa.Column("address", sa.String(254), nullable=False),
        sa.Column("meeting_id", sa.String(64), nullable=False),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("since", INSTANT, nullable=False),
        sa.Column("sequence", sa.Integer, nullable=False),
        sa.Column("method", sa.String(10), nullable=False),
        sa.Column("version", sa.String(64), nullable=False),
        sa.Column("told_sequence", sa.Integer),
        sa.Column("told_method", sa.String(10)),
        sa.Column("told_version", sa.String(64)),
        sa.PrimaryKeyConstraint("part_id", "address", name="pk_meeting_invitees"),
        sa.ForeignKeyConstraint(["part_id"], ["meeting_parts.id"], name="fk_meeting_invitees_part_id"),
        sa.ForeignKeyConstraint(["meeting_id"], ["meetings.id"], name="fk_meeting_invitees_meeting_id"),
    )
    op.create_index("ix_meeting_invitees_meeting_id", "meeting_invitees", ["meeting_id"])
    op.create_table(
        "meeting_calendar_versions",
        sa.Column("part_id", sa.String(64), nullable=False),
        sa.Column("version", sa.String(64), nullable=False),
        sa.Column("content", sa.Text, nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("part_id", "version", name="pk_meeting_calendar_versions"),
        sa.ForeignKeyConstraint(
            ["part_id"], ["meeting_parts.id"], name="fk_meeting_calendar_versions_part_id"
        ),
    )
    op.create_table(
        "meeting_reminders",
        sa.Column("occurrence_id", sa.String(64), nullable=False),
        sa.Column("starts_at", INSTANT, nullable=False),
        sa.Column("minutes", sa.Integer, nullable=False),
        sa.Column("given", sa.Boolean, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("occurrence_id", "starts_at", "minutes", name="pk_meeting_reminders"),
        sa.ForeignKeyConstraint(
            ["occurrence_id"], ["meeting_occurrences.id"], name="fk_meeting_reminders_occurrence_id"
        ),
    )


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
    with op.batch_alter_table("users") as users:
        users.drop_column("zone")
        users.drop_column("email")


TABLES = (
    "meetings",
    "meeting_parts",
    "meeting_occurrences",
    "meeting_changes",
    "meeting_links",
    "provider_memory",
    "meeting_invitations",
    "calendar_feeds",
    "jobs",
    "provider_webhooks",
    "meeting_sessions",
    "meeting_stays",
    "meeting_recordings",
    "meeting_invitees",
    "meeting_calendar_versions",
    "meeting_reminders",
)
