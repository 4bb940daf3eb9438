import { Archive, Hash, Megaphone, Users, Video } from "lucide";
import type { IconNode } from "lucide";
import type { RoomKind, RoomSummary } from "../../contract.gen";
import { otherOf, presenceOf, titleOf } from "../../state/selectors";
import { useSelect } from "../../ui/app";
import { Avatar } from "../../ui/Avatar";
import { Icon } from "../../ui/Icon";
import { PlaceLink } from "../../ui/links";
import { shortTime } from "../../ui/times";
import { plainText } from "../markdown/plain";

export const KIND_ICONS: Readonly<Record<RoomKind, IconNode>> = {
  course: Hash,
  group: Users,
  direct: Users,
  announcement: Megaphone,
  meeting: Video,
};

const MOST = 99;

export function RoomRow({ summary, current }: { readonly summary: RoomSummary; readonly current: boolean }) {
  const me = useSelect(({ session }) => session.me);
  const drafted = useSelect(({ drafts }) => !current && Boolean(drafts[summary.room.id]?.trim()));
  const { room, last_message: last } = summary;
  const { unread } = summary.me;
  return (
    <li>
      <PlaceLink
        to={{ roomId: room.id, panel: null, at: null }}
        class={`room-row${unread ? " room-row-unread" : ""}`}
        current={current}
      >
        <RoomSign summary={summary} />
        <span class="room-row-line">
          <span class="room-row-title">{titleOf(summary, me)}</span>
          {unread > 0 && (
            <span class="badge">
              {unread > MOST ? `${MOST}+` : unread}
              <span class="unseen"> unread</span>
            </span>
          )}
        </span>
        <span class="room-row-line room-row-soft">
          <span class="room-row-last">{drafted ? <em>Draft</em> : <LastMessage summary={summary} />}</span>
          <span>{last && shortTime(new Date(last.created_at), new Date())}</span>
        </span>
      </PlaceLink>
    </li>
  );
}

export function RoomSign({ summary }: { readonly summary: RoomSummary }) {
  const me = useSelect(({ session }) => session.me);
  const other = otherOf(summary, me);
  const presence = useSelect((state) => (other ? presenceOf(state, other.id) : "offline"));
  if (other) return <Avatar person={other} presence={presence} />;
  return (
    <span class="room-sign" aria-hidden="true">
      <Icon of={summary.room.archived ? Archive : KIND_ICONS[summary.room.kind]} />
    </span>
  );
}

function LastMessage({ summary }: { readonly summary: RoomSummary }) {
  const me = useSelect(({ session }) => session.me);
  const message = summary.last_message;
  if (!message) return <>Nothing said yet</>;
  const text = message.deleted_at ? "deleted a message" : plainText(message.text);
  const who = message.author.id === me?.id ? "You" : message.author.name.split(" ")[0];
  if (message.deleted_at) return <>{`${who} ${text}`}</>;
  return <>{summary.room.kind === "direct" && who !== "You" ? text : `${who}: ${text}`}</>;
}
