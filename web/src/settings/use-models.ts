/** The models that the server knows; pulling one, and having it answer. */
import { useCallback, useEffect, useRef, useState } from "react";
import { knownModels, loadModel, pullModel } from "../api/server.ts";
import type { KnownModel, PullProgress } from "../api/wire.ts";

export interface Pull {
  model: string;
  /** undefined while it is loaded. */
  progress?: PullProgress;
}

export interface Models {
  known: readonly KnownModel[] | undefined;
  pull: Pull | undefined;
  error: unknown;
  refresh(): void;
  /** Downloads it where it is not there, and loads it. */
  use(model: KnownModel): Promise<void>;
  stop(): void;
}

export function useModels(isOnline: boolean, onLoaded: () => void): Models {
  const [known, setKnown] = useState<readonly KnownModel[]>();
  const [pull, setPull] = useState<Pull>();
  const [error, setError] = useState<unknown>();
  const pulling = useRef<AbortController>(undefined);

  const refresh = useCallback(() => {
    knownModels().then(setKnown, setError);
  }, []);

  useEffect(() => {
    if (isOnline) refresh();
  }, [isOnline, refresh]);

  async function use({ id, state }: KnownModel): Promise<void> {
    if (pulling.current) return;
    const controller = new AbortController();
    pulling.current = controller;
    setError(undefined);
    try {
      setPull({ model: id });
      if (state === "absent" || state === "partial")
        await pullModel(id, (progress) => setPull({ model: id, progress }), controller.signal);
      setPull({ model: id });
      await loadModel(id);
      onLoaded();
    } catch (cause) {
      if (!controller.signal.aborted) setError(cause);
    } finally {
      pulling.current = undefined;
      setPull(undefined);
      refresh();
    }
  }

  return {
    known,
    pull,
    error,
    refresh,
    use,
    stop: () => pulling.current?.abort(new DOMException("stopped", "AbortError")),
  };
}

/** What is offered to those who have no model: the first that writes and must be downloaded. */
export const offered = (known: readonly KnownModel[] | undefined): KnownModel | undefined =>
  known?.find(({ state }) => state === "partial") ?? known?.find(({ state }) => state === "absent");
