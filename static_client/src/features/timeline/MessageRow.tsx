import type { VNode } from "preact";
import type { Actor, Message, RoomSummary } from "../../contract.gen";
import { mayReact, maySeeRevisions } from "../../state/allowed";
import { useAct } from "../../ui/app";
import { Avatar } from "../../ui/Avatar";
import { memo } from "../../ui/memo";
import { clockTime, wholeTime } from "../../ui/times";
import { Markdown } from "../markdown/Markdown";
import { EditForm } from "./EditForm";
import { MessageActions } from "./MessageActions";
import { Reactions } from "./Reactions";

interface MessageRowProps {
  readonly message: Message;
  readonly rowKey: string;
  readonly head: boolean;
  readonly me: Actor;
  readonly summary: RoomSummary | undefined;
  /** The pointer or the focus is on it. */
  readonly active: boolean;
  readonly tabbable: boolean;
  readonly editing: boolean;
  readonly marked: boolean;
}

export const MessageRow = memo(function MessageRow(props: MessageRowProps): VNode {
  const { message, rowKey, head, me, summary, active, tabbable, editing, marked } = props;
  const at = new Date(message.created_at);
  const { author } = message;
  return (
    <li
      class={`message${head ? " message-head" : ""}${marked ? " message-marked" : ""}`}
      data-key={rowKey}
      data-message={message.id}
      data-seq={message.seq}
      tabIndex={tabbable ? 0 : -1}
    >
      <span class="message-gutter">
        {head ? <Avatar person={author} /> : <span class="message-side-time" aria-hidden="true">{clockTime(at).replace(/\s?[ap]\.?m\.?$/i, "")}</span>}
      </span>
      <div class="message-body">
        {head ? (
          <p class="message-by">
            <strong>{author.name}</strong>
            {author.role !== "student" && <span class="role">{author.role}</span>}
            <time dateTime={message.created_at} title={wholeTime(at)}>
              {clockTime(at)}
            </time>
          </p>
        ) : (
          <span class="unseen">
            {author.name}, {clockTime(at)}:{" "}
          </span>
        )}
        {editing ? <EditForm message={message} /> : <Text message={message} me={me} summary={summary} />}
        {message.reactions.length > 0 && !message.deleted_at && (
          <Reactions message={message} me={me.id} mayReact={mayReact(summary)} />
        )}
      </div>
      {active && !editing && !message.deleted_at && <MessageActions message={message} me={me} summary={summary} />}
    </li>
  );
});

function Text({ message, me, summary }: Pick<MessageRowProps, "message" | "me" | "summary">): VNode {
  const act = useAct();
  if (message.deleted_at) return <p class="tombstone">This message was deleted.</p>;
  return (
    <div class="message-text">
      <Markdown text={message.text} />
      {message.edited_at &&
        (maySeeRevisions(summary, message, me) ? (
          <button
            type="button"
            class="edited"
            title={wholeTime(new Date(message.edited_at))}
            onClick={() => act.dialog({ name: "history", messageId: message.id })}
          >
            edited
          </button>
        ) : (
          <span class="edited" title={wholeTime(new Date(message.edited_at))}>
            edited
          </span>
        ))}
    </div>
  );
}
