import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import { Camera, CircleCheck, CircleX, Mic, Network, RefreshCw, Server, TriangleAlert, Volume2, Waypoints } from "lucide";
import type { IceServer } from "../../contract.gen";
import { Devices, SelfTest } from "../../rtc";
import type { TestName, TestResult } from "../../rtc";
import { useSelect } from "../../ui/app";
import { Button } from "../../ui/controls";
import { Icon } from "../../ui/Icon";
import { useCalls } from "./context";

const PARTS: readonly { readonly name: TestName; readonly title: string; readonly icon: typeof Mic }[] = [
  { name: "camera", title: "Camera", icon: Camera },
  { name: "microphone", title: "Microphone", icon: Mic },
  { name: "speaker", title: "Speaker", icon: Volume2 },
  { name: "server", title: "Server", icon: Server },
  { name: "direct", title: "Direct connection", icon: Waypoints },
  { name: "relay", title: "Relay", icon: Network },
];

const SIGNS = { good: CircleCheck, weak: TriangleAlert, bad: CircleX, running: RefreshCw } as const;
const WORDS = { good: "Good", weak: "Look at this", bad: "Does not work", running: "Testing" } as const;

type Results = Readonly<Partial<Record<TestName, TestResult>>>;

/** A page of its own: what works for calls here, what does not, and what to do about it. */
export function ConnectionTest() {
  const calls = useCalls();
  const signedIn = useSelect(({ session }) => session.phase === "signed-in");
  const online = useSelect(({ connection }) => connection.phase === "online");
  const [results, setResults] = useState<Results>({});
  const [running, setRunning] = useState(false);
  const report = (result: TestResult): void => setResults((known) => ({ ...known, [result.name]: result }));

  async function run(): Promise<void> {
    setRunning(true);
    setResults({});
    const devices = new Devices(navigator.mediaDevices);
    const servers: readonly IceServer[] = await calls.iceServers().catch(() => []);
    const test = new SelfTest({ devices, servers, ping: () => calls.iceServers() });
    await test.run(report);
    devices.close();
    setRunning(false);
  }

  async function playTone(): Promise<void> {
    report({ name: "speaker", verdict: "running", sentence: "You should hear a tone…" });
    const devices = new Devices(navigator.mediaDevices);
    const test = new SelfTest({ devices, servers: [], ping: () => Promise.resolve() });
    report(await test.speaker(null));
    devices.close();
  }

  useEffect(() => {
    if (online) void run();
  }, [online]);
  useEffect(() => void (document.title = "Connection test · Homeroom"), []);

  return (
    <main class="test-page">
      <div class="test-card">
        <header>
          <h1>Connection test</h1>
          <p class="hint">Whether calls work on this computer, in this browser, on this network.</p>
        </header>
        {!signedIn && (
          <p class="notice">
            Sign in first, then come back to this page: the server answers only those it knows. <a href="/">Sign in</a>
          </p>
        )}
        <ul class="test-parts" aria-label="Results" aria-busy={running}>
          {PARTS.map(({ name, title, icon }) => (
            <Part key={name} title={title} icon={icon} result={results[name]}>
              {name === "speaker" && (
                <Button icon={Volume2} onClick={() => void playTone()}>
                  Play a tone
                </Button>
              )}
            </Part>
          ))}
        </ul>
        <p role="status" class="test-sum">
          {running ? "Testing…" : summary(results)}
        </p>
        <div class="row">
          <Button look="accent" icon={RefreshCw} disabled={running || !online} onClick={() => void run()}>
            Test again
          </Button>
          <Button onClick={() => location.assign("/")}>To your rooms</Button>
        </div>
      </div>
    </main>
  );
}

interface PartProps {
  readonly title: string;
  readonly icon: typeof Mic;
  readonly result: TestResult | undefined;
  readonly children: ComponentChildren;
}

function Part({ title, icon, result, children }: PartProps) {
  const verdict = result?.verdict;
  return (
    <li class="test-part" data-verdict={verdict}>
      <span class="test-icon">
        <Icon of={icon} />
      </span>
      <div>
        <h2>{title}</h2>
        <p>{result?.sentence ?? (children ? "Press the button and listen." : "Not tested yet.")}</p>
        {children}
      </div>
      {verdict && (
        <span class="test-verdict">
          <Icon of={SIGNS[verdict]} />
          {WORDS[verdict]}
        </span>
      )}
    </li>
  );
}

function summary(results: Results): string {
  const verdicts = Object.values(results).map(({ verdict }) => verdict);
  if (verdicts.length === 0) return "";
  if (verdicts.includes("bad")) return "Something does not work. What to do about it stands beside it.";
  if (verdicts.includes("weak")) return "Calls will probably work. Some things could be better.";
  return "Everything works. You are ready for calls.";
}
