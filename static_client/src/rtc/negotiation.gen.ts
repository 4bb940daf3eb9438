/* eslint-disable */
// Generated from signaling/negotiation.py by `make contract`. Do not edit. The theory stands there.

export interface Move {
  /** Null where the state stays. */
  readonly to: State | null;
  readonly actions: readonly Action[];
}

export interface Flags {
  readonly wanted: boolean;
  readonly ignoring: boolean;
  readonly remote: boolean;
}

export type Role =
  | "polite"
  | "impolite"
  | "offerer"
  | "answerer";

export type State =
  | "stable"
  | "offering"
  | "offered"
  | "answering"
  | "settling"
  | "broken";

export type Input =
  | "need"
  | "restart"
  | "offer_made"
  | "answer_made"
  | "answer_set"
  | "remote_offer"
  | "remote_answer"
  | "remote_candidate"
  | "wish"
  | "overdue"
  | "failed"
  | "renewed";

export type Action =
  | "note_need"
  | "create_offer"
  | "set_remote"
  | "create_answer"
  | "send"
  | "ignore"
  | "drop"
  | "ask"
  | "restart_ice"
  | "flush"
  | "add_candidate"
  | "try_candidate"
  | "queue_candidate"
  | "drop_candidate"
  | "rebuild";

export type Verdict =
  | "fresh"
  | "newer"
  | "stale"
  | "unknown";

export const TABLE: Readonly<Record<Role, Readonly<Record<State, { readonly [what in Input]?: Move }>>>> = {
  polite: {
    stable: {
      need: { to: null, actions: ["note_need"] },
      restart: { to: null, actions: ["restart_ice", "note_need"] },
      remote_offer: { to: "answering", actions: ["set_remote", "flush", "create_answer"] },
      remote_answer: { to: null, actions: ["drop"] },
      wish: { to: null, actions: ["note_need"] },
      overdue: { to: null, actions: [] },
      failed: { to: "broken", actions: ["rebuild"] },
      renewed: { to: "stable", actions: [] },
    },
    offering: {
      need: { to: null, actions: ["note_need"] },
      restart: { to: null, actions: ["restart_ice", "note_need"] },
      offer_made: { to: "offered", actions: ["send"] },
      remote_offer: { to: "answering", actions: ["note_need", "set_remote", "flush", "create_answer"] },
      remote_answer: { to: null, actions: ["drop"] },
      wish: { to: null, actions: ["note_need"] },
      overdue: { to: null, actions: [] },
      failed: { to: "broken", actions: ["rebuild"] },
      renewed: { to: "stable", actions: [] },
    },
    offered: {
      need: { to: null, actions: ["note_need"] },
      restart: { to: null, actions: ["restart_ice", "note_need"] },
      remote_offer: { to: "answering", actions: ["note_need", "set_remote", "flush", "create_answer"] },
      remote_answer: { to: "settling", actions: ["set_remote", "flush"] },
      wish: { to: null, actions: ["note_need"] },
      overdue: { to: "broken", actions: ["rebuild"] },
      failed: { to: "broken", actions: ["rebuild"] },
      renewed: { to: "stable", actions: [] },
    },
    answering: {
      need: { to: null, actions: ["note_need"] },
      restart: { to: null, actions: ["restart_ice", "note_need"] },
      offer_made: { to: null, actions: [] },
      answer_made: { to: "stable", actions: ["send"] },
      answer_set: { to: null, actions: [] },
      remote_offer: { to: "broken", actions: ["rebuild"] },
      remote_answer: { to: null, actions: ["drop"] },
      wish: { to: null, actions: ["note_need"] },
      overdue: { to: null, actions: [] },
      failed: { to: "broken", actions: ["rebuild"] },
      renewed: { to: "stable", actions: [] },
    },
    settling: {
      need: { to: null, actions: ["note_need"] },
      restart: { to: null, actions: ["restart_ice", "note_need"] },
      answer_set: { to: "stable", actions: [] },
      remote_offer: { to: "answering", actions: ["set_remote", "flush", "create_answer"] },
      remote_answer: { to: null, actions: ["drop"] },
      wish: { to: null, actions: ["note_need"] },
      overdue: { to: null, actions: [] },
      failed: { to: "broken", actions: ["rebuild"] },
      renewed: { to: "stable", actions: [] },
    },
    broken: {
      need: { to: null, actions: [] },
      restart: { to: null, actions: [] },
      offer_made: { to: null, actions: [] },
      answer_made: { to: null, actions: [] },
      answer_set: { to: null, actions: [] },
      remote_offer: { to: null, actions: [] },
      remote_answer: { to: null, actions: [] },
      wish: { to: null, actions: [] },
      overdue: { to: null, actions: [] },
      failed: { to: null, actions: [] },
      renewed: { to: "stable", actions: [] },
    },
  },
  impolite: {
    stable: {
      need: { to: null, actions: ["note_need"] },
      restart: { to: null, actions: ["restart_ice", "note_need"] },
      remote_offer: { to: "answering", actions: ["set_remote", "flush", "create_answer"] },
      remote_answer: { to: null, actions: ["drop"] },
      wish: { to: null, actions: ["note_need"] },
      overdue: { to: null, actions: [] },
      failed: { to: "broken", actions: ["rebuild"] },
      renewed: { to: "stable", actions: [] },
    },
    offering: {
      need: { to: null, actions: ["note_need"] },
      restart: { to: null, actions: ["restart_ice", "note_need"] },
      offer_made: { to: "offered", actions: ["send"] },
      remote_offer: { to: null, actions: ["ignore"] },
      remote_answer: { to: null, actions: ["drop"] },
      wish: { to: null, actions: ["note_need"] },
      overdue: { to: null, actions: [] },
      failed: { to: "broken", actions: ["rebuild"] },
      renewed: { to: "stable", actions: [] },
    },
    offered: {
      need: { to: null, actions: ["note_need"] },
      restart: { to: null, actions: ["restart_ice", "note_need"] },
      remote_offer: { to: null, actions: ["ignore"] },
      remote_answer: { to: "settling", actions: ["set_remote", "flush"] },
      wish: { to: null, actions: ["note_need"] },
      overdue: { to: "broken", actions: ["rebuild"] },
      failed: { to: "broken", actions: ["rebuild"] },
      renewed: { to: "stable", actions: [] },
    },
    answering: {
      need: { to: null, actions: ["note_need"] },
      restart: { to: null, actions: ["restart_ice", "note_need"] },
      answer_made: { to: "stable", actions: ["send"] },
      answer_set: { to: null, actions: [] },
      remote_offer: { to: "broken", actions: ["rebuild"] },
      remote_answer: { to: null, actions: ["drop"] },
      wish: { to: null, actions: ["note_need"] },
      overdue: { to: null, actions: [] },
      failed: { to: "broken", actions: ["rebuild"] },
      renewed: { to: "stable", actions: [] },
    },
    settling: {
      need: { to: null, actions: ["note_need"] },
      restart: { to: null, actions: ["restart_ice", "note_need"] },
      answer_set: { to: "stable", actions: [] },
      remote_offer: { to: "answering", actions: ["set_remote", "flush", "create_answer"] },
      remote_answer: { to: null, actions: ["drop"] },
      wish: { to: null, actions: ["note_need"] },
      overdue: { to: null, actions: [] },
      failed: { to: "broken", actions: ["rebuild"] },
      renewed: { to: "stable", actions: [] },
    },
    broken: {
      need: { to: null, actions: [] },
      restart: { to: null, actions: [] },
      offer_made: { to: null, actions: [] },
      answer_made: { to: null, actions: [] },
      answer_set: { to: null, actions: [] },
      remote_offer: { to: null, actions: [] },
      remote_answer: { to: null, actions: [] },
      wish: { to: null, actions: [] },
      overdue: { to: null, actions: [] },
      failed: { to: null, actions: [] },
      renewed: { to: "stable", actions: [] },
    },
  },
  offerer: {
    stable: {
      need: { to: null, actions: ["note_need"] },
      restart: { to: "broken", actions: ["rebuild"] },
      remote_offer: { to: null, actions: ["ignore"] },
      remote_answer: { to: null, actions: ["drop"] },
      wish: { to: null, actions: ["note_need"] },
      overdue: { to: null, actions: [] },
      failed: { to: "broken", actions: ["rebuild"] },
      renewed: { to: "stable", actions: [] },
    },
    offering: {
      need: { to: null, actions: ["note_need"] },
      restart: { to: "broken", actions: ["rebuild"] },
      offer_made: { to: "offered", actions: ["send"] },
      remote_offer: { to: null, actions: ["ignore"] },
      remote_answer: { to: null, actions: ["drop"] },
      wish: { to: null, actions: ["note_need"] },
      overdue: { to: null, actions: [] },
      failed: { to: "broken", actions: ["rebuild"] },
      renewed: { to: "stable", actions: [] },
    },
    offered: {
      need: { to: null, actions: ["note_need"] },
      restart: { to: "broken", actions: ["rebuild"] },
      remote_offer: { to: null, actions: ["ignore"] },
      remote_answer: { to: "settling", actions: ["set_remote", "flush"] },
      wish: { to: null, actions: ["note_need"] },
      overdue: { to: "broken", actions: ["rebuild"] },
      failed: { to: "broken", actions: ["rebuild"] },
      renewed: { to: "stable", actions: [] },
    },
    answering: {
      need: { to: null, actions: ["note_need"] },
      restart: { to: "broken", actions: ["rebuild"] },
      answer_made: { to: "stable", actions: ["send"] },
      answer_set: { to: null, actions: [] },
      remote_offer: { to: null, actions: ["ignore"] },
      remote_answer: { to: null, actions: ["drop"] },
      wish: { to: null, actions: ["note_need"] },
      overdue: { to: null, actions: [] },
      failed: { to: "broken", actions: ["rebuild"] },
      renewed: { to: "stable", actions: [] },
    },
    settling: {
      need: { to: null, actions: ["note_need"] },
      restart: { to: "broken", actions: ["rebuild"] },
      answer_set: { to: "stable", actions: [] },
      remote_offer: { to: null, actions: ["ignore"] },
      remote_answer: { to: null, actions: ["drop"] },
      wish: { to: null, actions: ["note_need"] },
      overdue: { to: null, actions: [] },
      failed: { to: "broken", actions: ["rebuild"] },
      renewed: { to: "stable", actions: [] },
    },
    broken: {
      need: { to: null, actions: [] },
      restart: { to: null, actions: [] },
      offer_made: { to: null, actions: [] },
      answer_made: { to: null, actions: [] },
      answer_set: { to: null, actions: [] },
      remote_offer: { to: null, actions: [] },
      remote_answer: { to: null, actions: [] },
      wish: { to: null, actions: [] },
      overdue: { to: null, actions: [] },
      failed: { to: null, actions: [] },
      renewed: { to: "stable", actions: [] },
    },
  },
  answerer: {
    stable: {
      need: { to: null, actions: ["note_need"] },
      restart: { to: "broken", actions: ["rebuild"] },
      remote_offer: { to: "answering", actions: ["set_remote", "flush", "create_answer"] },
      remote_answer: { to: null, actions: ["drop"] },
      wish: { to: null, actions: ["drop"] },
      overdue: { to: null, actions: [] },
      failed: { to: "broken", actions: ["rebuild"] },
      renewed: { to: "stable", actions: [] },
    },
    offering: {
      need: { to: null, actions: ["note_need"] },
      restart: { to: "broken", actions: ["rebuild"] },
      remote_answer: { to: null, actions: ["drop"] },
      wish: { to: null, actions: ["drop"] },
      overdue: { to: null, actions: [] },
      failed: { to: "broken", actions: ["rebuild"] },
      renewed: { to: "stable", actions: [] },
    },
    offered: {
      need: { to: null, actions: ["note_need"] },
      restart: { to: "broken", actions: ["rebuild"] },
      remote_answer: { to: "settling", actions: ["set_remote", "flush"] },
      wish: { to: null, actions: ["drop"] },
      overdue: { to: "broken", actions: ["rebuild"] },
      failed: { to: "broken", actions: ["rebuild"] },
      renewed: { to: "stable", actions: [] },
    },
    answering: {
      need: { to: null, actions: ["note_need"] },
      restart: { to: "broken", actions: ["rebuild"] },
      answer_made: { to: "stable", actions: ["send"] },
      answer_set: { to: null, actions: [] },
      remote_offer: { to: "broken", actions: ["rebuild"] },
      remote_answer: { to: null, actions: ["drop"] },
      wish: { to: null, actions: ["drop"] },
      overdue: { to: null, actions: [] },
      failed: { to: "broken", actions: ["rebuild"] },
      renewed: { to: "stable", actions: [] },
    },
    settling: {
      need: { to: null, actions: ["note_need"] },
      restart: { to: "broken", actions: ["rebuild"] },
      answer_set: { to: "stable", actions: [] },
      remote_offer: { to: "answering", actions: ["set_remote", "flush", "create_answer"] },
      remote_answer: { to: null, actions: ["drop"] },
      wish: { to: null, actions: ["drop"] },
      overdue: { to: null, actions: [] },
      failed: { to: "broken", actions: ["rebuild"] },
      renewed: { to: "stable", actions: [] },
    },
    broken: {
      need: { to: null, actions: [] },
      restart: { to: null, actions: [] },
      offer_made: { to: null, actions: [] },
      answer_made: { to: null, actions: [] },
      answer_set: { to: null, actions: [] },
      remote_offer: { to: null, actions: [] },
      remote_answer: { to: null, actions: [] },
      wish: { to: null, actions: [] },
      overdue: { to: null, actions: [] },
      failed: { to: null, actions: [] },
      renewed: { to: "stable", actions: [] },
    },
  },
};

/** What a role does when it is stable and something is wanted. */
export const SELF_TRIGGERED: Readonly<Record<Role, Move>> = {
  polite: { to: "offering", actions: ["create_offer"] },
  impolite: { to: "offering", actions: ["create_offer"] },
  offerer: { to: "offering", actions: ["create_offer"] },
  answerer: { to: "stable", actions: ["ask"] },
};

/** By `ignoring,remote`: what to do with a candidate that arrived. */
export const CANDIDATES: Readonly<Record<`${boolean},${boolean}`, Action>> = {
  "false,true": "add_candidate",
  "false,false": "queue_candidate",
  "true,true": "try_candidate",
  "true,false": "drop_candidate",
};

/** How actions change the flags. */
export const EFFECTS: { readonly [action in Action]?: Partial<Flags> } = {
  note_need: {"wanted": true},
  create_offer: {"wanted": false},
  ask: {"wanted": false},
  ignore: {"ignoring": true},
  set_remote: {"ignoring": false, "remote": true},
};
