import { RotateCcw, TriangleAlert } from "lucide";
import type { Actor } from "../../contract.gen";
import type { OutboxItem } from "../../state/model";
import { useAct, useSelect } from "../../ui/app";
import { Avatar } from "../../ui/Avatar";
import { Button } from "../../ui/controls";
import { Icon } from "../../ui/Icon";
import { clockTime } from "../../ui/times";
import { Markdown } from "../markdown/Markdown";

interface OutgoingRowProps {
  readonly item: OutboxItem;
  readonly head: boolean;
  readonly me: Actor;
}

/** What I wrote and the server has not confirmed: pale until it has, and with a reason when it will not. */
export function OutgoingRow({ item, head, me }: OutgoingRowProps) {
  const act = useAct();
  const online = useSelect(({ connection }) => connection.phase === "online");
  const failed = item.status === "failed";
  const at = clockTime(new Date(item.createdAt));
  return (
    <li class={`message message-outgoing${head ? " message-head" : ""}`} data-key={item.clientId} data-status={item.status}>
      <span class="message-gutter">{head && <Avatar person={me} />}</span>
      <div class="message-body">
        {head && (
          <p class="message-by">
            <strong>{me.name}</strong>
            {me.role !== "student" && <span class="role">{me.role}</span>}
            <time dateTime={item.createdAt}>{at}</time>
          </p>
        )}
        <div class="message-text">
          <Markdown text={item.text} />
          {!failed && <span class="unseen">{online ? "On its way" : "Waiting for the connection"}</span>}
        </div>
        {failed && (
          <div class="not-sent" role="alert">
            <Icon of={TriangleAlert} />
            <span>Not sent: {item.sentence}</span>
            <Button icon={RotateCcw} onClick={() => act.tryAgain(item.clientId)}>
              Try again
            </Button>
            <Button look="quiet" onClick={() => act.discard(item.clientId)}>
              Discard
            </Button>
          </div>
        )}
      </div>
    </li>
  );
}
