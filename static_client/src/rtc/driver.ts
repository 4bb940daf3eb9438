/** One RTCPeerConnection and the negotiation about it: carries out what the table says, one thing after the other. */

import type { CallSignal } from "../contract.gen";
import { newMachine, step } from "./negotiation";
import type { Action, Input, Machine, Role } from "./negotiation";
import type { Content } from "./outbox";

type WireCandidate = NonNullable<CallSignal["candidate"]>;

export interface DriverOwner {
  /** To the other side, about this connection. */
  send(content: Content): void;
  /** The state of the negotiation moved on. */
  moved(machine: Machine): void;
  /** A remote description was applied: what is received may be another. */
  described(): void;
  /** This connection is beyond use. */
  broken(): void;
}

export class Driver {
  private machine: Machine;
  private chain: Promise<void> = Promise.resolve();
  private closed = false;
  private readonly queued: WireCandidate[] = [];
  /** Own candidates of a description that was not sent yet. */
  private held: WireCandidate[] = [];

  constructor(
    readonly connection: RTCPeerConnection,
    role: Role,
    private readonly owner: DriverOwner,
  ) {
    this.machine = newMachine(role);
    connection.onicecandidate = ({ candidate }) => this.gathered(candidate);
  }

  get state(): Machine {
    return this.machine;
  }

  tell(input: Input, arrived: { description?: RTCSessionDescriptionInit; candidate?: WireCandidate } = {}): void {
    if (this.closed) return;
    const [machine, actions] = step(this.machine, input);
    this.machine = machine;
    for (const action of actions) this.carryOut(action, arrived);
    this.owner.moved(machine);
  }

  receive(content: Pick<CallSignal, "description" | "candidate" | "wants_offer">): void {
    const { description, candidate } = content;
    if (description) this.tell(description.type === "offer" ? "remote_offer" : "remote_answer", { description });
    else if (candidate) this.tell("remote_candidate", { candidate });
    else if (content.wants_offer) this.tell("wish");
  }

  close(): void {
    this.closed = true;
    this.connection.onicecandidate = null;
    this.connection.close();
  }

  private carryOut(action: Action, { description, candidate }: { description?: RTCSessionDescriptionInit; candidate?: WireCandidate }): void {
    if (action === "create_offer") this.enqueue("offer_made", () => this.connection.setLocalDescription());
    if (action === "create_answer") this.enqueue("answer_made", () => this.connection.setLocalDescription());
    if (action === "set_remote" && description) this.setRemote(description);
    if (action === "send") this.sendLocal();
    if (action === "ask") this.owner.send({ wants_offer: true });
    if (action === "restart_ice") this.connection.restartIce();
    if (action === "flush") for (const one of this.queued.splice(0)) this.add(one);
    if (action === "queue_candidate" && candidate) this.queued.push(candidate);
    if ((action === "add_candidate" || action === "try_candidate") && candidate) this.add(candidate);
    if (action === "rebuild") this.owner.broken();
  }

  private setRemote(description: RTCSessionDescriptionInit): void {
    // A local offer that is rolled back by this takes its candidates with it.
    if (description.type === "offer") this.held = [];
    this.enqueue(description.type === "answer" ? "answer_set" : null, async () => {
      await this.connection.setRemoteDescription(description);
      if (!this.closed) this.owner.described();
    });
  }

  /** One at a time, as the negotiation's theory demands; nothing after a failure. */
  private enqueue(done: Input | null, operation: () => Promise<void>): void {
    this.chain = this.chain.then(async () => {
      if (this.closed || this.machine.state === "broken") return;
      try {
        await operation();
      } catch {
        this.tell("failed");
        return;
      }
      if (done) this.tell(done);
    });
  }

  /** What cannot be added is one path less, not a failure. */
  private add(candidate: WireCandidate): void {
    this.chain = this.chain.then(async () => {
      if (!this.closed) await this.connection.addIceCandidate(ofWire(candidate)).catch(() => undefined);
    });
  }

  private sendLocal(): void {
    const local = this.connection.localDescription;
    if (!local || (local.type !== "offer" && local.type !== "answer")) return;
    this.owner.send({ description: { type: local.type, sdp: local.sdp } });
    for (const candidate of this.held.splice(0)) this.owner.send({ candidate });
  }

  private gathered(candidate: RTCIceCandidate | null): void {
    // The empty one that ends the list says nothing that the other side needs.
    if (!candidate?.candidate || this.closed) return;
    const wire = toWire(candidate);
    if (this.machine.state === "offering" || this.machine.state === "answering") this.held.push(wire);
    else this.owner.send({ candidate: wire });
  }
}

function toWire(candidate: RTCIceCandidate): WireCandidate {
  return {
    candidate: candidate.candidate,
    ...(candidate.sdpMid === null ? {} : { sdp_mid: candidate.sdpMid }),
    ...(candidate.sdpMLineIndex === null ? {} : { sdp_m_line_index: candidate.sdpMLineIndex }),
    ...(candidate.usernameFragment === null ? {} : { username_fragment: candidate.usernameFragment }),
  };
}

function ofWire(candidate: WireCandidate): RTCIceCandidateInit {
  return {
    candidate: candidate.candidate,
    sdpMid: candidate.sdp_mid ?? null,
    sdpMLineIndex: candidate.sdp_m_line_index ?? null,
    usernameFragment: candidate.username_fragment ?? null,
  };
}
