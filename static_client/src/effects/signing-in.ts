/** Signing in with a link, a pasted token or (in development mode) a name; staying signed in; signing out. */

import type { SignInRole } from "../contract.gen";
import { offersDevelopmentSignIn, signInForDevelopment } from "../net/http";
import type { Connection } from "../net/socket";
import { personOf } from "../net/tokens";
import type { TokenStore } from "../net/tokens";
import { sentenceOf } from "./patience";
import type { Store } from "./store";

export interface SigningIn {
  start(): void;
  withToken(token: string, onlyHere?: boolean): Promise<void>;
  withName(name: string, role: SignInRole): Promise<void>;
  signOut(notice?: string): void;
}

export function createSigningIn(store: Store, connection: () => Connection, tokens: TokenStore): SigningIn {
  const { dispatch } = store;

  async function withToken(token: string, onlyHere = false): Promise<void> {
    const person = personOf(token);
    if (!person) throw new Error("That is not a sign-in token. Copy it whole and paste it again.");
    const before = store.get().session.me;
    if (before && before.id === person.id && connection().connected) return renew(token);
    if (before) connection().close();
    if (before && before.id !== person.id) dispatch({ type: "session/signed-out", notice: null });
    tokens.set(token, onlyHere);
    dispatch({ type: "session/signed-in", user: person, expiresAt: null });
    dispatch({ type: "connection/connecting" });
    connection().open();
  }

  /** The same person with a fresh token, on the connection that is there. */
  async function renew(token: string): Promise<void> {
    const { user, expires_at: expiresAt } = await connection().ask("auth:refresh", { token });
    tokens.set(token);
    dispatch({ type: "session/signed-in", user, expiresAt });
  }

  async function withName(name: string, role: SignInRole): Promise<void> {
    const answer = await signInForDevelopment(name, role);
    if (!answer) return dispatch({ type: "session/development", development: false });
    tokens.setPerson({ name, role });
    await withToken(answer.token);
  }

  function signOut(notice: string | null = null): void {
    tokens.clear();
    tokens.setPerson(null);
    connection().close();
    dispatch({ type: "session/signed-out", notice });
    void askForDevelopment();
  }

  async function askForDevelopment(): Promise<void> {
    try {
      dispatch({ type: "session/development", development: await offersDevelopmentSignIn() });
    } catch {
      dispatch({ type: "session/development", development: false });
    }
  }

  /** In development mode the name is simply asked for again; otherwise the course page has to give a fresh link. */
  async function freshToken(): Promise<void> {
    const person = tokens.person();
    if (!person) return;
    const answer = await signInForDevelopment(person.name, person.role as SignInRole);
    if (answer && answer.user.id === store.get().session.me?.id) await withToken(answer.token);
  }

  store.subscribe((state, before) => {
    const expired = state.connection.phase === "expired" && before.connection.phase !== "expired";
    if (expired) void freshToken().catch(() => undefined);
  });
  tokens.onOther((token) => {
    const person = personOf(token);
    const mine = person && person.id === store.get().session.me?.id;
    if (mine && token !== tokens.get()) void withToken(token).catch(() => undefined);
  });

  return {
    start() {
      const token = tokens.get();
      if (token) {
        withToken(token).catch((error: unknown) => signOut(sentenceOf(error)));
        return;
      }
      dispatch({ type: "session/signed-out", notice: null });
      void askForDevelopment();
    },
    withToken,
    withName,
    signOut: (notice) => signOut(notice ?? null),
  };
}
