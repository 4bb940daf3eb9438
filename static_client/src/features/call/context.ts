/** How views reach the call that the page is at. */

import { createContext } from "preact";
import { useContext, useLayoutEffect, useReducer, useRef } from "preact/hooks";
import type { Desk } from "../../effects/call-desk";
import type { Calls } from "../../effects/calls";
import type { Observable } from "../../rtc/observable";

export const CallsContext = createContext<Calls | null>(null);

export function useCalls(): Calls {
  const calls = useContext(CallsContext);
  if (!calls) throw new Error("This view stands outside of the application.");
  return calls;
}

/** A part of something that changes; drawn again when that part is another one. */
export function useObserved<Value, Part = Value>(
  observable: Observable<Value>,
  select: (value: Value) => Part = (value) => value as unknown as Part,
): Part {
  const [, redraw] = useReducer((count: number, _: void) => count + 1, 0);
  const part = select(observable.get());
  const drawn = useRef({ select, part });
  drawn.current = { select, part };
  useLayoutEffect(() => {
    const look = (value: Value): void => {
      if (!Object.is(drawn.current.select(value), drawn.current.part)) redraw();
    };
    look(observable.get());
    return observable.subscribe(look);
  }, [observable]);
  return part;
}

export function useDesk(): Desk | null {
  return useObserved(useCalls().desk);
}
