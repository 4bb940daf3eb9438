/** How views read the state and say what a person wants. */

import { createContext } from "preact";
import { useContext, useLayoutEffect, useReducer, useRef } from "preact/hooks";
import type { Intentions } from "../effects/intentions";
import type { Store } from "../effects/store";
import type { State } from "../state/model";

export interface App {
  readonly store: Store;
  readonly act: Intentions;
}

export const AppContext = createContext<App | null>(null);

export function useApp(): App {
  const app = useContext(AppContext);
  if (!app) throw new Error("This view stands outside of the application.");
  return app;
}

export function useAct(): Intentions {
  return useApp().act;
}

/** A part of the state; the view is drawn again when that part is another one. */
export function useSelect<Part>(select: (state: State) => Part, same: (a: Part, b: Part) => boolean = Object.is): Part {
  const { store } = useApp();
  const [, redraw] = useReducer((count: number, _: void) => count + 1, 0);
  const part = select(store.get());
  const last = useRef({ select, part });
  last.current = { select, part };
  useLayoutEffect(() => {
    const look = (state: State): void => {
      const next = last.current.select(state);
      if (!same(next, last.current.part)) redraw();
    };
    look(store.get());
    return store.subscribe(look);
  }, [store]);
  return part;
}

/** Several parts at once. */
export function useParts<Parts extends Record<string, unknown>>(select: (state: State) => Parts): Parts {
  return useSelect(select, shallowlySame);
}

function shallowlySame(a: Record<string, unknown>, b: Record<string, unknown>): boolean {
  return Object.keys(a).every((key) => Object.is(a[key], b[key]));
}
