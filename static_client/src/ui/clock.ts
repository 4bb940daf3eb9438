import { useEffect, useState } from "preact/hooks";
import { useSelect } from "./app";

/** The server's time, looked at every so often: what is shown with it turns by itself. */
export function useNow(everyMs = 15_000): number {
  const offset = useSelect(({ connection }) => connection.clockOffset);
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    setNow(Date.now());
    const timer = setInterval(() => setNow(Date.now()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return now + offset;
}
