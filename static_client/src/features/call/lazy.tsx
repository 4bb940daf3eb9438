import type { ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";
import { useAct } from "../../ui/app";

/** A view that is loaded when it is first drawn. `load` must always be the same function. */
export function useLazy<Props>(load: () => Promise<ComponentType<Props>>, wanted: boolean): ComponentType<Props> | null {
  const act = useAct();
  const [View, setView] = useState<ComponentType<Props> | null>(null);
  useEffect(() => {
    if (!wanted || View) return;
    let gone = false;
    load()
      .then((Loaded) => {
        if (!gone) setView(() => Loaded);
      })
      .catch(() => act.toast("A part of this page could not be loaded. Reload the page."));
    return () => void (gone = true);
  }, [wanted, View]);
  return View;
}
