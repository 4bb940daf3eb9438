/** Holds the state; everything else only reads it and says what happened. */

import type { Action } from "../state/actions";
import type { State } from "../state/model";

type Listener = (state: State, before: State) => void;

export interface Store {
  get(): State;
  dispatch(action: Action): void;
  /** Called after each change, with the state before it. Returns the way to stop. */
  subscribe(listener: Listener): () => void;
}

export function createStore(reduce: (state: State, action: Action) => State, initial: State): Store {
  let state = initial;
  const listeners = new Set<Listener>();
  /** Changes of which listeners are still to be told: each is told of all changes in their order. */
  const news: (readonly [State, State])[] = [];
  let telling = false;

  function tell(): void {
    if (telling) return;
    telling = true;
    try {
      for (let change = news.shift(); change; change = news.shift()) {
        for (const listener of [...listeners]) listener(...change);
      }
    } finally {
      telling = false;
    }
  }

  return {
    get: () => state,
    dispatch(action) {
      const before = state;
      state = reduce(state, action);
      if (state === before) return;
      news.push([state, before]);
      tell();
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}
