/** The little that has to be read from a session description. */

export interface Section {
  readonly mid: string;
  readonly kind: string;
  /** Whether its author sends on it. */
  readonly sends: boolean;
  /** The first stream id of its `msid` lines (RFC 8830), if any. */
  readonly streamId: string | null;
}

/** The media sections in their order. */
export function sections(sdp: string): Section[] {
  const [session = "", ...parts] = sdp.split(/\r?\n(?=m=)/);
  const common = directionOf(session);
  return parts.map((part) => {
    const port = /^m=\S+ (\d+)/.exec(part)?.[1];
    const direction = directionOf(part) ?? common ?? "sendrecv";
    const stream = /^a=msid:(\S+)/m.exec(part)?.[1];
    return {
      mid: /^a=mid:(\S+)/m.exec(part)?.[1] ?? "",
      kind: /^m=(\S+)/.exec(part)?.[1] ?? "",
      sends: (direction === "sendrecv" || direction === "sendonly") && (port !== "0" || /^a=bundle-only/m.test(part)),
      streamId: stream === undefined || stream === "-" ? null : stream,
    };
  });
}

function directionOf(text: string): string | null {
  return /^a=(sendrecv|sendonly|recvonly|inactive)\s*$/m.exec(text)?.[1] ?? null;
}
