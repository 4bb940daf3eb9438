import { useEffect } from "preact/hooks";
import { CircleCheck, LoaderCircle, RefreshCw, TriangleAlert } from "lucide";
import type { LinkProblem, Meeting } from "../../../contract.gen";
import type { Detail } from "../../../state/meetings";
import { useAct, useSelect } from "../../../ui/app";
import { useAttempt } from "../../../ui/attempt";
import { useNow } from "../../../ui/clock";
import { Button, Problem } from "../../../ui/controls";
import { Icon } from "../../../ui/Icon";
import { useMeetings } from "../context";
import { counted, inWords, keyDay } from "../words";

interface LinkStatusProps {
  readonly meeting: Meeting;
  readonly detail: Detail;
}

/** How the provider's side stands, and for staff what to do about it. */
export function LinkStatus({ meeting, detail }: LinkStatusProps) {
  const meetings = useMeetings();
  const providers = useSelect(({ meetings: state }) => state.providers);
  useEffect(() => void meetings.loadProviders().catch(() => undefined), []);
  const { provider, state } = meeting.provided;
  const title = providers?.find(({ name }) => name === provider)?.title ?? (provider === "builtin" ? "this server" : provider);
  const broken = state === "failed" || state === "gone";
  if (!broken && detail.problems.length === 0) {
    return (
      <p class="link-status" data-state={state}>
        <Icon of={state === "ready" ? CircleCheck : LoaderCircle} />
        <span>{state === "ready" ? `Held on ${title}. The link is ready.` : `Held on ${title}. The link is being made…`}</span>
      </p>
    );
  }
  return (
    <section class="link-trouble" role="region" aria-label="Trouble with the link">
      <h2>
        <Icon of={TriangleAlert} />
        {broken ? trouble(state, title) : `${title}: the link is being made, but not without trouble`}
      </h2>
      {broken && !detail.mayChange && <p>Those who lead the class have been told. The link that you have stays the same.</p>}
      <ul class="plain-list">
        {detail.problems.map((problem) => (
          <Trouble key={`${problem.key} ${problem.code}`} problem={problem} />
        ))}
      </ul>
      {detail.mayChange && <WaysOut meeting={meeting} />}
    </section>
  );
}

function trouble(state: Meeting["provided"]["state"], title: string): string {
  return state === "gone" ? `The meeting is gone from ${title}` : `${title} has not made the link`;
}

function Trouble({ problem }: { readonly problem: LinkProblem }) {
  const now = useNow(5_000);
  const { key, message, hint, attempts, retry_at: retryAt } = problem;
  return (
    <li class="trouble">
      <p>
        {key && <strong>{keyDay(key)}: </strong>}
        {message}
      </p>
      {hint && <p class="trouble-hint">{hint}</p>}
      <p class="hint">
        {attempts > 0 && `Tried ${counted(attempts, "time")}`}
        {retryAt && `, again ${inWords(Date.parse(retryAt) - now)}`}
        {attempts > 0 && "."}
      </p>
    </li>
  );
}

/** One click each: try it again, or hold it elsewhere. The link that people have stays the same. */
function WaysOut({ meeting }: { readonly meeting: Meeting }) {
  const act = useAct();
  const meetings = useMeetings();
  const providers = useSelect(({ meetings: state }) => state.providers);
  const { busy, problem, attempt } = useAttempt();
  const others = (providers ?? []).filter(({ name, healthy }) => name !== meeting.provided.provider && healthy);
  return (
    <>
      <Problem sentence={problem} />
      <div class="row">
        <Button
          icon={RefreshCw}
          disabled={busy}
          onClick={() => attempt(() => meetings.retry(meeting.id), () => act.toast("It is being tried again."))}
        >
          Try again now
        </Button>
        {others.map(({ name, title }) => (
          <Button
            key={name}
            look={name === "builtin" ? "accent" : "plain"}
            disabled={busy}
            onClick={() => attempt(() => meetings.change(meeting.id, "all", null, { provider: name, accept_clashes: true }), () => act.toast(`Moved to ${title}. Everybody's link stays the same.`))}
          >
            Move to {title}
          </Button>
        ))}
      </div>
    </>
  );
}
