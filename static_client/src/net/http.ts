/** What is asked before there is a socket. */

import type { ServerDescription, SignInRole, SignedIn, TokenAnswer } from "../contract.gen";

export class HttpFailure extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
    this.name = "HttpFailure";
  }
}

/** Takes a name and a role at their word, in development mode only; null where the server knows no such thing. */
export async function signInForDevelopment(name: string, role: SignInRole): Promise<TokenAnswer | null> {
  const answer = await post("/api/v1/development/sign-in", { name, role });
  if (answer.status === 404) return null;
  return read<TokenAnswer>(answer);
}

/** Whether the server is in development mode, in which a name is enough to sign in. */
export async function offersDevelopmentSignIn(): Promise<boolean> {
  return (await read<ServerDescription>(await fetch("/api/v1/server"))).development;
}

/** Whose token this is. */
export async function whoAmI(token: string): Promise<SignedIn> {
  return read<SignedIn>(await fetch("/api/v1/me", { headers: { authorization: `Bearer ${token}` } }));
}

function post(path: string, body: unknown): Promise<Response> {
  return fetch(path, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
}

async function read<Answer>(answer: Response): Promise<Answer> {
  if (answer.ok) return (await answer.json()) as Answer;
  const problem = (await answer.json().catch(() => ({}))) as { detail?: string; title?: string };
  throw new HttpFailure(answer.status, problem.detail ?? problem.title ?? "The server did not understand.");
}
