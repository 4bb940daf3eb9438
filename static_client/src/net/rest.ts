/** The HTTP interface, typed by the server's contract. What is refused is refused in the same words as on the socket. */

import { REST_OPERATIONS } from "../contract.gen";
import type { Problem, RestMap, RestOperation } from "../contract.gen";
import { Refusal } from "./socket";

export interface RestOptions<Name extends RestOperation> {
  readonly params?: RestMap[Name]["params"];
  readonly query?: RestMap[Name]["query"];
  readonly body?: RestMap[Name]["body"];
  /** The same key makes the same thing once, however often it is asked for. */
  readonly key?: string;
  readonly signal?: AbortSignal;
}

export interface Rest {
  ask<Name extends RestOperation>(name: Name, options?: RestOptions<Name>): Promise<RestMap[Name]["answer"]>;
  /** An answer that is a file. */
  file<Name extends RestOperation>(name: Name, options?: RestOptions<Name>): Promise<Blob>;
}

export function createRest(token: () => string | null, send: typeof fetch = (...wish) => fetch(...wish)): Rest {
  async function call<Name extends RestOperation>(name: Name, options: RestOptions<Name>): Promise<Response> {
    const { method } = REST_OPERATIONS[name];
    const headers: Record<string, string> = {};
    const bearer = token();
    if (bearer) headers["authorization"] = `Bearer ${bearer}`;
    if (options.body !== undefined) headers["content-type"] = "application/json";
    if (options.key) headers["idempotency-key"] = options.key;
    const body = options.body === undefined ? null : JSON.stringify(options.body);
    let answer: Response;
    try {
      answer = await send(addressOf(name, options), { method, headers, body, signal: options.signal ?? null });
    } catch (error) {
      if (options.signal?.aborted) throw error;
      throw new Refusal("offline", "The server cannot be reached.", true);
    }
    if (!answer.ok) throw await refusalOf(answer);
    return answer;
  }

  return {
    async ask(name, options = {}) {
      return (await call(name, options)).json();
    },
    async file(name, options = {}) {
      return (await call(name, options)).blob();
    },
  };
}

export function addressOf<Name extends RestOperation>(name: Name, { params, query }: RestOptions<Name>): string {
  const given = (params ?? {}) as Readonly<Record<string, string>>;
  const path = REST_OPERATIONS[name].path.replaceAll(/\{(\w+)\}/g, (_, part: string) => encodeURIComponent(given[part] ?? ""));
  const asked = Object.entries((query ?? {}) as Readonly<Record<string, unknown>>).filter(([, value]) => value !== undefined);
  const text = new URLSearchParams(asked.map(([key, value]) => [key, String(value)])).toString();
  return text ? `${path}?${text}` : path;
}

async function refusalOf(answer: Response): Promise<Refusal> {
  const problem = (await answer.json().catch(() => ({}))) as Partial<Problem>;
  const first = Object.entries(problem.errors ?? {})[0];
  const sentence = problem.detail ?? problem.title ?? "The server did not understand.";
  const message = first && problem.code === "bad_request" && !sentence.includes(first[1]) ? `${sentence} (${first[0]}: ${first[1]})` : sentence;
  return new Refusal(problem.code ?? "internal", message, problem.retryable ?? answer.status >= 500, problem.retry_after_ms ?? null);
}
