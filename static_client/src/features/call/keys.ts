/** The keys of a call. They work wherever one is, as long as nothing is being written. */

import { useEffect } from "preact/hooks";
import type { Desk } from "../../effects/call-desk";
import { useApp } from "../../ui/app";
import { isTyping } from "../shell/keys";

export function useCallKeys(desk: Desk): void {
  const { store } = useApp();
  useEffect(() => {
    const { call } = desk;
    let held = false;

    function toggled(key: string): Promise<void> | null {
      const { own, seat } = call.model.get();
      switch (key) {
        case "m":
          return call.setMicrophone(own.microphone === "off");
        case "v":
          return call.setCamera(own.camera === "off");
        case "s":
          return own.screen === "off" ? call.shareScreen() : call.stopScreen();
        case "h":
          return call.setHand(seat?.hand_raised_at === undefined);
        default:
          return null;
      }
    }

    const down = (event: KeyboardEvent): void => {
      const { phase, own } = call.model.get();
      if (phase !== "in" && phase !== "reconnecting") return;
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || store.get().ui.dialog || isTyping(event.target)) return;
      if (event.key === " ") {
        const button = event.target instanceof Element && event.target.closest("button, a, [role=button], summary, select");
        // With push to talk the bar speaks wherever the focus is; without it, it also presses buttons.
        if (button && !desk.habits.get().pushToTalk) return;
        event.preventDefault();
        if (event.repeat || held || own.microphone !== "off") return;
        held = true;
        desk.hold(true);
      } else if (!event.repeat && !event.shiftKey) {
        const work = toggled(event.key.toLowerCase());
        if (!work) return;
        event.preventDefault();
        work.catch(() => undefined);
      }
    };
    const up = (event: KeyboardEvent): void => {
      if (event.key !== " " || !held) return;
      event.preventDefault();
      release();
    };
    const release = (): void => {
      if (!held) return;
      held = false;
      desk.hold(false);
    };
    // Before the composer, which takes every letter that is typed nowhere in particular.
    window.addEventListener("keydown", down, true);
    window.addEventListener("keyup", up);
    window.addEventListener("blur", release);
    return () => {
      window.removeEventListener("keydown", down, true);
      window.removeEventListener("keyup", up);
      window.removeEventListener("blur", release);
    };
  }, [desk, store]);
}
