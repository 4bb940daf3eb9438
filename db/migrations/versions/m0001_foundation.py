"""People, rooms, the log, messages with full-text search, revocations."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    _people_and_rooms()
    _log()
    _messages()
    op.create_table(
        "revocations",
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("value", sa.String(128), nullable=False),
        sa.Column("revoked_at", INSTANT, nullable=False),
        sa.Column("expires_at", INSTANT),
        sa.Column("by", sa.String(128), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_revocations"),
        sa.CheckConstraint("kind IN ('jti', 'user')", name="ck_revocations_kind"),
    )
    op.create_index("ix_revocations_expires_at", "revocations", ["expires_at"])
    if op.get_bind().dialect.name == "sqlite":
        _search_on_sqlite()
    else:
        _search_on_postgresql()


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for trigger in ("inserted", "updated", "deleted"):
            op.execute(f"DROP TRIGGER messages_fts_{trigger}")
        op.execute("DROP TABLE messages_fts")
    for table in (
        "revocations",
        "reactions",
        "message_revisions",
        "messages",
        "room_events",
        "room_heads",
        "installation",
        "members",
        "rooms",
        "users",
    ):
        op.drop_table(table)


def _people_and_rooms() -> None:
    op.create_table(
        "users",
        sa.Column("id", sa.String(128), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("role", sa.String(20), nullable=False),
        sa.Column("picture", sa.String(1000)),
        sa.Column("seen_at", INSTANT),
        sa.PrimaryKeyConstraint("id", name="pk_users"),
    )
    op.create_table(
        "rooms",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("key", sa.String(200)),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("visibility", sa.String(20), nullable=False),
        sa.Column("archived_at", INSTANT),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("created_by", sa.String(128), nullable=False),
        sa.Column("direct_pair", sa.String(300)),
        sa.Column("creation_key", sa.String(300)),
        sa.PrimaryKeyConstraint("id", name="pk_rooms"),
        sa.ForeignKeyConstraint(["created_by"], ["users.id"], name="fk_rooms_created_by"),
        sa.UniqueConstraint("key", name="uq_rooms_key"),
        sa.UniqueConstraint("direct_pair", name="uq_rooms_direct_pair"),
        sa.UniqueConstraint("creation_key", name="uq_rooms_creation_key"),
    )
    op.create_table(
        "members",
        sa.Column("room_id", sa.String(64), nullable=False),
        sa.Column("user_id", sa.String(128), nullable=False),
        sa.Column("role", sa.String(20), nullable=False),
        sa.Column("joined_at", INSTANT, nullable=False),
        sa.Column("read_seq", sa.BigInteger, nullable=False),
        sa.Column("by_token", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("room_id", "user_id", name="pk_members"),
        sa.ForeignKeyConstraint(["room_id"], ["rooms.id"], name="fk_members_room_id"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_members_user_id"),
    )
    op.create_index("ix_members_user_id", "members", ["user_id"])


def _log() -> None:
    op.create_table(
        "installation",
        sa.Column("id", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("epoch", sa.String(64), nullable=False),
        sa.Column("fingerprint", sa.String(200), nullable=False),
        sa.Column("bus_key", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_installation"),
    )
    op.create_table(
        "room_heads",
        sa.Column("room_id", sa.String(64), nullable=False),
        sa.Column("last_seq", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("room_id", name="pk_room_heads"),
    )
    op.create_table(
        "room_events",
        sa.Column("room_id", sa.String(64), nullable=False),
        sa.Column("seq", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("type", sa.String(40), nullable=False),
        sa.Column("ts", INSTANT, nullable=False),
        sa.Column("actor_id", sa.String(128), nullable=False),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("data", sa.Text, nullable=False),
        sa.Column("client_id", sa.String(64)),
        sa.Column("subject", sa.String(64)),
        sa.PrimaryKeyConstraint("room_id", "seq", name="pk_room_events"),
        sa.ForeignKeyConstraint(["room_id"], ["room_heads.room_id"], name="fk_room_events_room_id"),
        sa.UniqueConstraint(
            "room_id", "actor_id", "client_id", name="uq_room_events_room_id_actor_id_client_id"
        ),
    )
    op.create_index("ix_room_events_subject", "room_events", ["subject"])


def _messages() -> None:
    op.create_table(
        "messages",
        sa.Column(
            "number", sa.BigInteger().with_variant(sa.Integer, "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("room_id", sa.String(64), nullable=False),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column("author_id", sa.String(128), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("words", sa.Text, nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("edited_at", INSTANT),
        sa.Column("deleted_at", INSTANT),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_messages"),
        sa.UniqueConstraint("id", name="uq_messages_id"),
        sa.ForeignKeyConstraint(["room_id"], ["rooms.id"], name="fk_messages_room_id"),
        sa.ForeignKeyConstraint(["author_id"], ["users.id"], name="fk_messages_author_id"),
    )
    op.create_index("ix_messages_room_id_seq", "messages", ["room_id", "seq"], unique=True)
    op.create_table(
        "message_revisions",
        sa.Column("message_id", sa.String(64), nullable=False),
        sa.Column("revision", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("written_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("message_id", "revision", name="pk_message_revisions"),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"], name="fk_message_revisions_message_id"),
    )
    op.create_table(
        "reactions",
        sa.Column("message_id", sa.String(64), nullable=False),
        sa.Column("emoji", sa.String(32), nullable=False),
        sa.Column("user_id", sa.String(128), nullable=False),
        sa.Column("reacted_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("message_id", "emoji", "user_id", name="pk_reactions"),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"], name="fk_reactions_message_id"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_reactions_user_id"),
    )


def _search_on_sqlite() -> None:
    """An index without content of its own, kept in step by triggers (sqlite.org/fts5.html, section 4.4.3)."""
    op.execute(
        "CREATE VIRTUAL TABLE messages_fts USING fts5(words, content='messages', content_rowid='number',"
        " tokenize='unicode61 remove_diacritics 0')"
    )
    remove = "INSERT INTO messages_fts(messages_fts, rowid, words) VALUES ('delete', old.number, old.words);"
    add = "INSERT INTO messages_fts(rowid, words) VALUES (new.number, new.words);"
    op.execute(f"CREATE TRIGGER messages_fts_inserted AFTER INSERT ON messages BEGIN {add} END")
    op.execute(
        f"CREATE TRIGGER messages_fts_updated AFTER UPDATE OF words ON messages BEGIN {remove} {add} END"
    )
    op.execute(f"CREATE TRIGGER messages_fts_deleted AFTER DELETE ON messages BEGIN {remove} END")


def _search_on_postgresql() -> None:
    op.execute("CREATE INDEX ix_messages_words ON messages USING gin (to_tsvector('simple', words))")
