import { useEffect, useRef, useState } from "preact/hooks";
import { Ellipsis, Keyboard, LogOut, Monitor, Moon, Sun } from "lucide";
import { useAct, useParts } from "../../ui/app";
import { Avatar } from "../../ui/Avatar";
import { Button, IconButton } from "../../ui/controls";
import { applyLook, storedLook } from "../../ui/look";
import type { Look } from "../../ui/look";

const LOOKS = [
  { look: "system", label: "As the system", icon: Monitor },
  { look: "light", label: "Light", icon: Sun },
  { look: "dark", label: "Dark", icon: Moon },
] as const;

const PHASES = {
  online: "Online",
  connecting: "Connecting",
  offline: "Offline",
  expired: "Signed out",
  ended: "Disconnected",
} as const;

/** Who I am, how I am connected, and the few things to set. */
export function MeMenu() {
  const act = useAct();
  const { me, phase } = useParts(({ session, connection }) => ({ me: session.me, phase: connection.phase }));
  const [open, setOpen] = useState(false);
  const [look, setLook] = useState<Look>(storedLook);
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!open) return;
    const away = (event: Event): void => {
      if (!box.current?.contains(event.target as Node)) setOpen(false);
    };
    document.addEventListener("pointerdown", away);
    document.addEventListener("focusin", away);
    return () => {
      document.removeEventListener("pointerdown", away);
      document.removeEventListener("focusin", away);
    };
  }, [open]);
  if (!me) return null;
  return (
    <div
      class="me"
      ref={box}
      onKeyDown={(event) => {
        if (event.key !== "Escape" || !open) return;
        event.preventDefault();
        setOpen(false);
        box.current?.querySelector<HTMLElement>(".icon-button")?.focus();
      }}
    >
      <Avatar person={me} presence={phase === "online" ? "online" : "offline"} />
      <p class="me-name">
        <strong>{me.name}</strong>
        <span>
          {PHASES[phase]} · {me.role}
        </span>
      </p>
      <IconButton icon={Ellipsis} label="Settings" expanded={open} onClick={() => setOpen(!open)} />
      {open && (
        <div class="popover me-menu" role="group" aria-label="Settings">
          <p class="popover-title">Look</p>
          <div class="segments">
            {LOOKS.map(({ look: value, label, icon }) => (
              <Button
                key={value}
                look="quiet"
                icon={icon}
                pressed={look === value}
                onClick={() => {
                  applyLook(value);
                  setLook(value);
                }}
              >
                {label}
              </Button>
            ))}
          </div>
          <Button look="quiet" icon={Keyboard} onClick={() => act.dialog({ name: "keys" })}>
            Keys
          </Button>
          <Button look="quiet" icon={LogOut} onClick={() => act.signingIn.signOut()}>
            Sign out
          </Button>
        </div>
      )}
    </div>
  );
}
