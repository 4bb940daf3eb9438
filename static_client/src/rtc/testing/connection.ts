/** An RTCPeerConnection's signaling, without media: states, rollback, the need to negotiate. Refuses what a real one refuses. */

let made = 0;

export class FakeConnection {
  readonly name = `connection ${(made += 1)}`;
  signalingState: RTCSignalingState = "stable";
  connectionState: RTCPeerConnectionState = "new";
  localDescription: { type: "offer" | "answer"; sdp: string } | null = null;
  remoteDescription: { type: "offer" | "answer"; sdp: string } | null = null;
  onnegotiationneeded: (() => void) | null = null;
  onconnectionstatechange: (() => void) | null = null;
  onicecandidate: ((event: { candidate: null }) => void) | null = null;
  restarts = 0;
  closed = false;
  added: string[] = [];
  /** The next operation fails. */
  fails = false;
  private offers = 0;

  createDataChannel(): object {
    queueMicrotask(() => this.onnegotiationneeded?.());
    return {};
  }

  async setLocalDescription(): Promise<void> {
    await this.operate();
    if (this.signalingState === "have-remote-offer") {
      this.localDescription = { type: "answer", sdp: `v=0 answer to ${this.remoteDescription?.sdp}` };
      this.signalingState = "stable";
    } else {
      this.localDescription = { type: "offer", sdp: `v=0 ${this.name} offer ${(this.offers += 1)}` };
      this.signalingState = "have-local-offer";
    }
  }

  async setRemoteDescription(description: { type: "offer" | "answer"; sdp: string }): Promise<void> {
    await this.operate();
    if (description.type === "answer") {
      if (this.signalingState !== "have-local-offer") throw new Error("no offer");
      if (description.sdp !== `v=0 answer to ${this.localDescription?.sdp}`) throw new Error("another's answer");
      this.signalingState = "stable";
    } else {
      if (this.signalingState === "have-remote-offer") throw new Error("two offers");
      this.signalingState = "have-remote-offer";
    }
    this.remoteDescription = description;
  }

  async addIceCandidate({ candidate }: { candidate: string }): Promise<void> {
    if (!this.remoteDescription) throw new Error("no description");
    this.added.push(candidate);
  }

  restartIce(): void {
    this.restarts += 1;
  }

  become(state: RTCPeerConnectionState): void {
    this.connectionState = state;
    this.onconnectionstatechange?.();
  }

  getTransceivers = () => [];
  getReceivers = () => [];
  setConfiguration = () => undefined;

  close(): void {
    this.closed = true;
  }

  private async operate(): Promise<void> {
    await Promise.resolve();
    if (this.closed || this.fails) throw new Error("refused");
  }
}
