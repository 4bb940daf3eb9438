/** What one peer connection sends: one transceiver for each source, used again where one is free. */

import type { Source } from "../contract.gen";

/** Something of one's own to send. Without a track (muted) nothing is sent, but its place is kept. */
export interface Outgoing {
  readonly kind: "audio" | "video";
  readonly track: MediaStreamTrack | null;
  readonly stream: MediaStream;
}

export class Senders {
  private readonly taken = new Map<Source, RTCRtpTransceiver>();

  constructor(private readonly connection: RTCPeerConnection) {}

  set(source: Source, outgoing: Outgoing | null): void {
    const transceiver = this.taken.get(source);
    if (!outgoing) {
      if (transceiver) this.release(source, transceiver);
    } else if (transceiver) {
      if (transceiver.sender.track !== outgoing.track) void replace(transceiver.sender, outgoing.track);
    } else if (outgoing.track) {
      this.taken.set(source, this.take(outgoing, outgoing.track));
    }
  }

  /** Room to receive so many tracks from a peer that cannot offer any itself. */
  makeRoom(kind: "audio" | "video", count: number): void {
    const room = this.connection.getTransceivers().filter((one) => kindOf(one) === kind && one.direction !== "stopped");
    for (let missing = count - room.length; missing > 0; missing -= 1) {
      this.connection.addTransceiver(kind, { direction: "recvonly" });
    }
  }

  private take({ kind, stream }: Outgoing, track: MediaStreamTrack): RTCRtpTransceiver {
    const free = this.connection.getTransceivers().find((one) => kindOf(one) === kind && this.isFree(one));
    if (free) {
      void replace(free.sender, track);
      free.sender.setStreams(stream);
      free.direction = "sendrecv";
      return free;
    }
    const sender = this.connection.addTrack(track, stream);
    const added = this.connection.getTransceivers().find((one) => one.sender === sender);
    if (!added) throw new Error("a sender without a transceiver");
    return added;
  }

  private isFree(transceiver: RTCRtpTransceiver): boolean {
    const used = [...this.taken.values()].includes(transceiver);
    return !used && transceiver.sender.track === null && transceiver.direction !== "stopped" && transceiver.mid !== null;
  }

  private release(source: Source, transceiver: RTCRtpTransceiver): void {
    this.taken.delete(source);
    if (transceiver.direction === "stopped") return;
    void replace(transceiver.sender, null);
    transceiver.direction = transceiver.direction === "sendrecv" || transceiver.direction === "recvonly" ? "recvonly" : "inactive";
  }
}

function kindOf(transceiver: RTCRtpTransceiver): string {
  return transceiver.receiver.track.kind;
}

/** Fails only on a closed connection, which sends nothing anyway. */
async function replace(sender: RTCRtpSender, track: MediaStreamTrack | null): Promise<void> {
  await sender.replaceTrack(track).catch(() => undefined);
}
