/** The collections of the server, the documents of the one that is chosen, and what is being added to it. */
import { useCallback, useEffect, useRef, useState } from "react";
import { RequestFailed } from "../api/client.ts";
import * as server from "../api/server.ts";
import type { CollectionInfo, DocumentInfo, IngestProgress, IngestReport } from "../api/wire.ts";

export interface Ingestion {
  progress?: IngestProgress;
  report?: IngestReport;
  error?: unknown;
}

export interface Library {
  collections: readonly CollectionInfo[] | undefined;
  documents: readonly DocumentInfo[] | undefined;
  error: unknown;
  ingestion: Ingestion | undefined;
  refresh(): Promise<void>;
  add(what: readonly File[] | { sources: string[] }): Promise<void>;
  stopAdding(): void;
  dismiss(): void;
  make(name: string): Promise<boolean>;
  /** Runs a change of the collection, and reads it again. */
  change(action: () => Promise<unknown>): Promise<void>;
}

export function useLibrary(
  collection: string,
  isOnline: boolean,
  onFailure: (error: unknown) => void,
): Library {
  const [collections, setCollections] = useState<readonly CollectionInfo[]>();
  const [documents, setDocuments] = useState<{ of: string; list: readonly DocumentInfo[] }>();
  const [error, setError] = useState<unknown>();
  const [ingestion, setIngestion] = useState<Ingestion>();
  const adding = useRef<AbortController>(undefined);
  const current = useRef(collection);
  current.current = collection;
  /** Answers may overtake each other: only the one that was asked for last counts. */
  const asked = useRef(0);

  const failed = useCallback(
    (cause: unknown) => {
      setError(cause);
      onFailure(cause);
    },
    [onFailure],
  );

  const refresh = useCallback(async () => {
    const own = ++asked.current;
    try {
      const all = await server.collections();
      const isThere = all.some(({ id }) => id === collection);
      const list = isThere ? await server.documents(collection) : [];
      if (asked.current !== own) return;
      setCollections(all);
      if (current.current === collection) setDocuments({ of: collection, list });
      setError(undefined);
    } catch (cause) {
      failed(cause);
    }
  }, [collection, failed]);

  useEffect(() => {
    if (isOnline) void refresh();
  }, [isOnline, refresh]);

  async function make(name: string): Promise<boolean> {
    try {
      await server.makeCollection(name);
      return true;
    } catch (cause) {
      failed(cause);
      return false;
    }
  }

  async function add(what: readonly File[] | { sources: string[] }): Promise<void> {
    if (adding.current) return;
    const controller = new AbortController();
    adding.current = controller;
    setIngestion({});
    try {
      if (!collections?.some(({ id }) => id === collection))
        await server.makeCollection(collection).catch(unlessThere);
      const report = await server.ingest(
        collection,
        what,
        (progress) => setIngestion({ progress }),
        controller.signal,
      );
      setIngestion({ report });
    } catch (cause) {
      setIngestion(controller.signal.aborted ? undefined : { error: cause });
      if (!controller.signal.aborted) onFailure(cause);
    } finally {
      adding.current = undefined;
      await refresh();
    }
  }

  async function change(action: () => Promise<unknown>): Promise<void> {
    try {
      await action();
      await refresh();
    } catch (cause) {
      failed(cause);
    }
  }

  return {
    collections,
    documents: documents?.of === collection ? documents.list : undefined,
    error,
    ingestion,
    refresh,
    add,
    stopAdding: () => adding.current?.abort(new DOMException("stopped", "AbortError")),
    dismiss: () => setIngestion(undefined),
    make,
    change,
  };
}

/** Somebody else has just made it. */
function unlessThere(error: unknown): void {
  if (!(error instanceof RequestFailed && error.failure === "refused")) throw error;
}
