/** Reactions as sets: adding twice or removing twice changes nothing, so late and repeated news are harmless. */

import type { Reaction } from "../contract.gen";
import type { UserId } from "./model";

export function withReaction(
  reactions: readonly Reaction[],
  emoji: string,
  userId: UserId,
  present: boolean,
): readonly Reaction[] {
  const found = reactions.find((reaction) => reaction.emoji === emoji);
  if (!found) return present ? [...reactions, { emoji, user_ids: [userId] }] : reactions;
  if (found.user_ids.includes(userId) === present) return reactions;
  if (present) {
    return reactions.map((reaction) =>
      reaction === found ? { emoji, user_ids: [...found.user_ids, userId] } : reaction,
    );
  }
  const left = found.user_ids.filter((id) => id !== userId);
  return left.length
    ? reactions.map((reaction) => (reaction === found ? { emoji, user_ids: left } : reaction))
    : reactions.filter((reaction) => reaction !== found);
}

/** The key under which the last news of one person's reaction is remembered. */
export function toldKey(messageId: string, emoji: string, userId: UserId): string {
  return `${messageId} ${emoji} ${userId}`;
}

/** `reactions` of a message, corrected by all that events have told of it. */
export function corrected(
  messageId: string,
  reactions: readonly Reaction[],
  told: Readonly<Record<string, boolean>>,
): readonly Reaction[] {
  let result = reactions;
  for (const [key, present] of Object.entries(told)) {
    if (!key.startsWith(`${messageId} `)) continue;
    const [, emoji = "", ...user] = key.split(" ");
    result = withReaction(result, emoji, user.join(" "), present);
  }
  return result;
}
