"""The one table of commands, events and REST operations. Documents and client types are generated from it."""

from collections.abc import Mapping

from contract import connection, messages, rooms
from contract.call_tables import CALL_COMMANDS, CALL_EVENTS
from contract.meeting_tables import MEETING_EVENTS
from contract.specs import CommandSpec, EventSpec, Limit, RestSpec

__all__ = ["COMMANDS", "EVENTS", "CommandSpec", "EventSpec", "Limit", "RestSpec"]

_COMMANDS = (
    CommandSpec(
        "auth:refresh",
        connection.RefreshToken,
        connection.SignedIn,
        Limit.SIGN_IN,
        "Replace the connection's token by a fresh one of the same person.",
    ),
    CommandSpec(
        "room:join",
        connection.JoinRoom,
        connection.Joined,
        Limit.JOIN,
        "Listen to a room on this connection; answers with what was missed, or a snapshot.",
        "room.view",
    ),
    CommandSpec(
        "room:unsubscribe",
        rooms.RoomRef,
        rooms.Nothing,
        Limit.JOIN,
        "Stop listening to a room on this connection; membership stays.",
    ),
    CommandSpec(
        "room:leave",
        rooms.RoomRef,
        rooms.Nothing,
        Limit.CHANGE,
        "Give up one's membership of a room.",
        "room.leave",
    ),
    CommandSpec(
        "room:create", rooms.CreateRoom, rooms.RoomAnswer, Limit.CREATE, "Make a room and become its owner."
    ),
    CommandSpec(
        "room:update",
        rooms.UpdateRoom,
        rooms.RoomAnswer,
        Limit.CHANGE,
        "Rename, open, close or archive a room.",
    ),
    CommandSpec(
        "room:get", rooms.RoomRef, rooms.RoomAnswer, Limit.READ, "One line of the room list.", "room.view"
    ),
    CommandSpec(
        "room:list", rooms.ListRooms, rooms.RoomPage, Limit.READ, "My rooms, or the open ones I could join."
    ),
    CommandSpec(
        "member:list",
        rooms.ListRoomMembers,
        rooms.MemberPage,
        Limit.READ,
        "Who belongs to a room.",
        "room.view",
    ),
    CommandSpec(
        "member:add",
        rooms.AddMember,
        rooms.MemberAnswer,
        Limit.CHANGE,
        "Add somebody to a room.",
        "member.add",
    ),
    CommandSpec(
        "member:update",
        rooms.UpdateMember,
        rooms.MemberAnswer,
        Limit.CHANGE,
        "Change somebody's role in a room.",
        "member.set_role",
    ),
    CommandSpec(
        "member:remove",
        rooms.MemberRef,
        rooms.Nothing,
        Limit.CHANGE,
        "Remove somebody from a room.",
        "member.remove",
    ),
    CommandSpec(
        "message:send",
        messages.SendMessage,
        messages.MessageAnswer,
        Limit.SEND,
        "Say something in a room. Acknowledged once it is on disk; a retry with the same client_id sends nothing new.",
        "message.send",
    ),
    CommandSpec(
        "message:edit",
        messages.EditMessage,
        messages.MessageAnswer,
        Limit.CHANGE,
        "Replace the text of one's own message.",
        "message.edit_own",
    ),
    CommandSpec(
        "message:delete",
        messages.MessageRef,
        messages.MessageAnswer,
        Limit.CHANGE,
        "Turn a message into a tombstone.",
        "message.delete_own",
    ),
    CommandSpec(
        "message:get",
        messages.MessageRef,
        messages.MessageAnswer,
        Limit.READ,
        "One message as it stands.",
        "room.view",
    ),
    CommandSpec(
        "message:history",
        messages.MessageHistory,
        messages.MessagePage,
        Limit.READ,
        "A page of a room's messages.",
        "room.view",
    ),
    CommandSpec(
        "message:revisions",
        messages.MessageRef,
        messages.RevisionList,
        Limit.READ,
        "The earlier texts of a message; for its author and the room's staff.",
        "message.revisions",
    ),
    CommandSpec(
        "message:search",
        messages.SearchMessages,
        messages.SearchPage,
        Limit.SEARCH,
        "Find messages by words, in one room or in all of one's rooms.",
    ),
    CommandSpec(
        "reaction:add",
        messages.React,
        messages.ReactionAnswer,
        Limit.REACT,
        "React with an emoji.",
        "reaction.add",
    ),
    CommandSpec(
        "reaction:remove",
        messages.React,
        messages.ReactionAnswer,
        Limit.REACT,
        "Take one's reaction back.",
        "reaction.add",
    ),
    CommandSpec(
        "typing:start",
        rooms.RoomRef,
        rooms.Nothing,
        Limit.TYPING,
        "Tell the room that one is typing.",
        "typing.send",
    ),
    CommandSpec(
        "typing:stop",
        rooms.RoomRef,
        rooms.Nothing,
        Limit.TYPING,
        "Tell the room that one stopped.",
        "typing.send",
    ),
    CommandSpec(
        "read:mark",
        messages.MarkRoomRead,
        messages.ReadAnswer,
        Limit.MARK,
        "Move one's read marker forward.",
        "read.mark",
    ),
    CommandSpec(
        "presence:set",
        connection.SetPresence,
        rooms.Nothing,
        Limit.MARK,
        "Say whether one is online or away.",
    ),
    CommandSpec(
        "sync:since",
        connection.SyncSince,
        connection.Synced,
        Limit.READ,
        "Catch up on rooms: all that was missed, or a snapshot; never a part.",
        "room.view",
    ),
)

_EVENTS = (
    EventSpec("room.created", rooms.RoomCreated, True, "The room was made; always seq 1."),
    EventSpec("room.updated", rooms.RoomUpdated, True, "The room was renamed, opened, closed or archived."),
    EventSpec("member.added", rooms.MemberAdded, True, "Somebody now belongs to the room."),
    EventSpec("member.updated", rooms.MemberUpdated, True, "Somebody's role in the room changed."),
    EventSpec("member.removed", rooms.MemberRemoved, True, "Somebody no longer belongs to the room."),
    EventSpec("message.new", messages.MessageNew, True, "Somebody said something."),
    EventSpec("message.updated", messages.MessageUpdated, True, "A message has a new text."),
    EventSpec("message.deleted", messages.MessageDeleted, True, "A message became a tombstone."),
    EventSpec("reaction.new", messages.ReactionChanged, True, "Somebody reacted to a message."),
    EventSpec("reaction.deleted", messages.ReactionChanged, True, "Somebody took a reaction back."),
    EventSpec("message.read", messages.MessageRead, False, "A read marker moved."),
    EventSpec("typing.start", messages.TypingChanged, False, "Somebody is typing."),
    EventSpec("typing.stop", messages.TypingChanged, False, "Somebody stopped typing."),
    EventSpec("user.presence.changed", connection.PresenceChanged, False, "Somebody came, went, or is away."),
    EventSpec("room.added", rooms.RoomAdded, False, "You now belong to a room."),
    EventSpec("room.removed", rooms.RoomRemoved, False, "You no longer belong to a room."),
    EventSpec("connection.ok", connection.ConnectionOk, False, "The first event on every connection."),
    EventSpec("connection.error", connection.ConnectionFailed, False, "Why the server is about to close."),
    EventSpec(
        "auth.expiring", connection.TokenExpiring, False, "The token will run out soon: send `auth:refresh`."
    ),
    EventSpec(
        "auth.expired",
        connection.TokenExpiring,
        False,
        "The token ran out: only `auth:refresh` is heard now.",
    ),
)

COMMANDS: Mapping[str, CommandSpec] = {spec.name: spec for spec in (*_COMMANDS, *CALL_COMMANDS)}
EVENTS: Mapping[str, EventSpec] = {spec.name: spec for spec in (*_EVENTS, *CALL_EVENTS, *MEETING_EVENTS)}
