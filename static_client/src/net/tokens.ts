/** Where the token is kept: per tab, so that two people can share a browser; and for the next tab and the next day. */

import type { Actor, SignInRole } from "../contract.gen";

const TOKEN = "homeroom.token";
const DEVELOPMENT = "homeroom.development";

export interface DevelopmentPerson {
  readonly name: string;
  readonly role: string;
}

export interface TokenStore {
  get(): string | null;
  /** `onlyHere`: a guest's token is no reason for other tabs to be that guest. */
  set(token: string, onlyHere?: boolean): void;
  clear(): void;
  /** Another tab has taken a token: perhaps a fresh one of the same person. */
  onOther(listener: (token: string) => void): void;
  /** The name and role that development mode took at their word, so that it can be asked again. */
  person(): DevelopmentPerson | null;
  setPerson(person: DevelopmentPerson | null): void;
}

export function createTokenStore(): TokenStore {
  let memory: string | null = null;
  return {
    get: () => memory ?? read("sessionStorage", TOKEN) ?? read("localStorage", TOKEN),
    set(token, onlyHere = false) {
      memory = token;
      write("sessionStorage", TOKEN, token);
      if (!onlyHere) write("localStorage", TOKEN, token);
    },
    clear() {
      const mine = memory ?? read("sessionStorage", TOKEN);
      memory = null;
      write("sessionStorage", TOKEN, null);
      // Another tab may have signed somebody else in since.
      if (read("localStorage", TOKEN) === mine) write("localStorage", TOKEN, null);
    },
    onOther(listener) {
      window.addEventListener("storage", (event) => {
        if (event.key === TOKEN && event.newValue) listener(event.newValue);
      });
    },
    person() {
      try {
        return JSON.parse(read("sessionStorage", DEVELOPMENT) ?? "null") as DevelopmentPerson | null;
      } catch {
        return null;
      }
    },
    setPerson: (person) => write("sessionStorage", DEVELOPMENT, person && JSON.stringify(person)),
  };
}

/** Whom a token speaks of, read without checking it (the server does that), so that the page can be there at once. */
export function personOf(token: string): Actor | null {
  try {
    const [, claims = ""] = token.split(".");
    const bytes = Uint8Array.from(atob(claims.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));
    const { sub, name, role } = JSON.parse(new TextDecoder().decode(bytes)) as Record<string, unknown>;
    if (typeof sub !== "string") return null;
    return { id: sub, name: typeof name === "string" ? name : sub, role: (role as SignInRole | undefined) ?? "student" };
  } catch {
    return null;
  }
}

type StorageName = "sessionStorage" | "localStorage";

/** Storage may be full or forbidden; the page then works until it is closed. */
function read(storage: StorageName, key: string): string | null {
  try {
    return window[storage].getItem(key);
  } catch {
    return null;
  }
}

function write(storage: StorageName, key: string, value: string | null): void {
  try {
    if (value === null) window[storage].removeItem(key);
    else window[storage].setItem(key, value);
  } catch {
    return;
  }
}
