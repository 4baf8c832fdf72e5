/** Whether the server is there, and which model answers: asked now and then, and again and again while it is away. */
import { useCallback, useEffect, useRef, useState } from "react";
import { RequestFailed } from "../api/client.ts";
import { health } from "../api/server.ts";
import type { Health } from "../api/wire.ts";

/** `locked`: it asks for a key. */
export type Connection = "connecting" | "online" | "offline" | "locked";

/** Milliseconds: while all is well, and at first after it was not; then twice as long each time. */
const CALM = 30_000;
const FIRST_RETRY = 1_000;
const LAST_RETRY = 15_000;

export interface Server {
  connection: Connection;
  health: Health | undefined;
  /** Now; and after a request that failed. */
  check: () => void;
  /** A request was answered with 401. */
  lock: () => void;
}

export function useServer(): Server {
  const [connection, setConnection] = useState<Connection>("connecting");
  const [state, setState] = useState<Health>();
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const retry = useRef(FIRST_RETRY);

  const check = useCallback(() => {
    clearTimeout(timer.current);
    const again = (wait: number) => {
      timer.current = setTimeout(check, wait);
    };
    health(AbortSignal.timeout(10_000)).then(
      (answer) => {
        setState((before) => (JSON.stringify(before) === JSON.stringify(answer) ? before : answer));
        setConnection((before) => (before === "locked" ? before : "online"));
        retry.current = FIRST_RETRY;
        again(CALM);
      },
      (error: unknown) => {
        if (error instanceof RequestFailed && error.failure === "unauthorized")
          return setConnection("locked");
        setConnection("offline");
        again(retry.current);
        retry.current = Math.min(LAST_RETRY, 2 * retry.current);
      },
    );
  }, []);

  useEffect(() => {
    check();
    addEventListener("online", check);
    return () => {
      clearTimeout(timer.current);
      removeEventListener("online", check);
    };
  }, [check]);

  const lock = useCallback(() => setConnection("locked"), []);
  const unlock = useCallback(() => {
    setConnection("connecting");
    check();
  }, [check]);
  return { connection, health: state, check: connection === "locked" ? unlock : check, lock };
}
