import { expect, test } from "vitest";
import { addressOf, createRest } from "./rest";

function answering(status: number, body: unknown) {
  const asked: { url: string; init: RequestInit }[] = [];
  const send = ((url: string, init: RequestInit) => {
    asked.push({ url, init });
    return Promise.resolve(new Response(JSON.stringify(body), { status }));
  }) as unknown as typeof fetch;
  return { asked, rest: createRest(() => "a.b.c", send) };
}

test("addresses are made of the contract's, whatever the ids hold", () => {
  expect(addressOf("getMeeting", { params: { meeting_id: "meet/1?x" } })).toBe("/api/v1/meetings/meet%2F1%3Fx");
  expect(addressOf("cancelMeeting", { params: { meeting_id: "m" }, query: { scope: "this", occurrence: "2026-11-24T09:00" } })).toBe(
    "/api/v1/meetings/m?scope=this&occurrence=2026-11-24T09%3A00",
  );
});

test("a question carries the token and, where something is made, the key that makes it once", async () => {
  const { asked, rest } = answering(200, { items: [] });
  await rest.ask("createMeeting", { body: { title: "x", starts: "2026-11-24T09:00", zone: "UTC", minutes: 5 }, key: "k-1" });
  await rest.ask("listProviders");
  expect(asked[0]?.init).toMatchObject({ method: "POST", headers: { authorization: "Bearer a.b.c", "idempotency-key": "k-1" } });
  expect(asked[1]).toMatchObject({ url: "/api/v1/providers", init: { method: "GET", body: null } });
});

test("a refusal says why in the server's words, and whether to try again", async () => {
  const problem = { code: "bad_request", detail: "The body is not valid.", retryable: false, errors: { rule: "must end" } };
  await expect(answering(400, problem).rest.ask("listProviders")).rejects.toMatchObject({ message: "The body is not valid. (rule: must end)", retryable: false });
  await expect(answering(502, "<html>").rest.ask("listProviders")).rejects.toMatchObject({ retryable: true });
});

test("no answer at all is being offline", async () => {
  const rest = createRest(() => null, () => Promise.reject(new TypeError("failed")));
  await expect(rest.ask("listProviders")).rejects.toMatchObject({ code: "offline", retryable: true });
});
