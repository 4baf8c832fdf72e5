/** Ctrl-C (and a polite end from outside) as an AbortSignal. */

export interface Interruption {
  readonly signal: AbortSignal;
  /** Puts things back as they were. */
  dispose(): void;
}

/** The first one aborts; `onSecond` is for those who press again. */
export function onInterrupt(onSecond?: () => void): Interruption {
  const controller = new AbortController();
  const handler = () => {
    if (controller.signal.aborted) onSecond?.();
    else controller.abort();
  };
  process.on("SIGINT", handler);
  process.on("SIGTERM", handler);
  return {
    signal: controller.signal,
    dispose() {
      process.off("SIGINT", handler);
      process.off("SIGTERM", handler);
    },
  };
}
