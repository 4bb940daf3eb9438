import { useState } from "preact/hooks";
import { GraduationCap, House } from "lucide";
import type { SignInRole } from "../../contract.gen";
import { useAct, useParts } from "../../ui/app";
import { useAttempt } from "../../ui/attempt";
import { Button, Choice, Field, Problem } from "../../ui/controls";
import { Icon } from "../../ui/Icon";

const ROLES = [
  { value: "student", label: "Student" },
  { value: "instructor", label: "Instructor" },
  { value: "guest", label: "Guest" },
  { value: "admin", label: "Administrator" },
] as const;

export function SignIn() {
  const { session } = useParts(({ session }) => ({ session }));
  return (
    <main class="sign-in">
      <div class="sign-in-card">
        <header class="sign-in-head">
          <span class="mark">
            <Icon of={House} />
          </span>
          <h1>Homeroom</h1>
          <p>Where your class talks.</p>
        </header>
        {session.notice && (
          <p class="notice" role="status">
            {session.notice}
          </p>
        )}
        {session.development === true && <DevelopmentForm />}
        {session.development === false && <TokenForm />}
      </div>
    </main>
  );
}

function DevelopmentForm() {
  const { signingIn } = useAct();
  const [name, setName] = useState("");
  const [role, setRole] = useState<SignInRole>("student");
  const { busy, problem, attempt } = useAttempt();
  return (
    <form
      class="form"
      onSubmit={(event) => {
        event.preventDefault();
        if (name.trim()) attempt(() => signingIn.withName(name.trim(), role));
      }}
    >
      <Field id="name" label="Your name" value={name} onInput={setName} required autofocus maxLength={120} autocomplete="name" />
      <Choice<SignInRole> label="Your role" name="role" value={role} options={ROLES} onChange={setRole} />
      <Problem sentence={problem} />
      <Button type="submit" look="accent" disabled={busy || !name.trim()}>
        Sign in
      </Button>
      <p class="hint">Development mode: names are taken at their word. Use another browser or a private window to be somebody else.</p>
    </form>
  );
}

export function TokenForm() {
  const { signingIn } = useAct();
  const [token, setToken] = useState("");
  const { busy, problem, attempt } = useAttempt();
  return (
    <div class="form">
      <p class="sign-in-way">
        <Icon of={GraduationCap} />
        <span>Open Homeroom from your course page. The link there signs you in.</span>
      </p>
      <form
        class="form"
        onSubmit={(event) => {
          event.preventDefault();
          if (token.trim()) attempt(() => signingIn.withToken(token.trim()));
        }}
      >
        <Field
          id="token"
          label="Or paste a sign-in token"
          hint="Somebody who runs this server can make one for you."
          value={token}
          onInput={setToken}
          multiline
        />
        <Problem sentence={problem} />
        <Button type="submit" disabled={busy || !token.trim()}>
          Sign in
        </Button>
      </form>
    </div>
  );
}
