/** The conversation on the page, those that are kept, and what people do with them. One answer at a time. */
import { useCallback, useEffect, useRef, useState } from "react";
import type { Sampling } from "../api/server.ts";
import { answerTurn, continueTurn } from "./answer-turn.ts";
import { type Conversation, messagesBefore, newConversation } from "./conversation.ts";
import { HistoryStore } from "./history-store.ts";
import { isUnderWay, newTurn, type Turn } from "./turn.ts";

export interface AskOptions {
  /** null: without documents. */
  collection: string | null;
  sampling: Omit<Sampling, "seed">;
  /** undefined: drawn. */
  seed: number | undefined;
  style: string;
  model: string;
}

export interface Conversations {
  current: Conversation;
  kept: readonly Conversation[];
  /** false: the current one is too long for the browser. */
  isKept: boolean;
  isAnswering: boolean;
  ask(question: string): void;
  /** Another answer; with `question`, to another question. What came after it goes. */
  askAgain(turn: Turn, question?: string): void;
  goOn(turn: Turn): void;
  stop(): void;
  start(): void;
  open(conversation: Conversation): void;
  remove(id: string): void;
  clear(): void;
}

/** What JSON and the server's seeds can hold. */
const drawSeed = () => Math.floor(Math.random() * 2 ** 31);

export function useConversation(options: AskOptions, onEnd: (turn: Turn) => void): Conversations {
  const [store] = useState(() => new HistoryStore(localStorage));
  const [kept, setKept] = useState(() => store.list());
  const [current, setCurrent] = useState(newConversation);
  const [isKept, setIsKept] = useState(true);
  const answering = useRef<AbortController>(undefined);
  /** What was deleted stays so, though its answer was under way. */
  const removed = useRef(new Set<string>());

  // Another tab has asked, or deleted.
  useEffect(() => {
    const onStorage = () => setKept(store.list());
    addEventListener("storage", onStorage);
    return () => removeEventListener("storage", onStorage);
  }, [store]);

  function show(conversation: Conversation, save: boolean): void {
    setCurrent((shown) => (shown.id === conversation.id ? conversation : shown));
    if (!save || removed.current.has(conversation.id)) return;
    setIsKept(store.save(conversation));
    setKept(store.list());
  }

  async function run(
    conversation: Conversation,
    before: readonly Turn[],
    turn: Turn,
    answer: typeof answerTurn,
  ): Promise<void> {
    const controller = new AbortController();
    answering.current = controller;
    const { sampling, style, model } = options;
    const at = (state: Turn): Conversation => ({
      ...conversation,
      updated: Date.now(),
      turns: [...before, state],
    });
    const start = at(turn);
    setCurrent(start);
    show(start, true);
    let last = turn;
    const turns = answer(turn, {
      before: messagesBefore(before),
      sampling,
      style,
      model,
      signal: controller.signal,
    });
    for await (const state of turns) {
      last = state;
      show(at(state), !isUnderWay(state));
    }
    if (answering.current === controller) answering.current = undefined;
    onEnd(last);
  }

  function ask(question: string): void {
    if (answering.current) return;
    const turn = newTurn(question, options.collection, options.seed ?? drawSeed());
    void run(current, current.turns, turn, answerTurn);
  }

  function askAgain({ id, question, collection }: Turn, changed = question): void {
    if (answering.current) return;
    const place = current.turns.findIndex((turn) => turn.id === id);
    const seed = options.seed ?? drawSeed();
    void run(
      current,
      current.turns.slice(0, place),
      { ...newTurn(changed, collection, seed), id },
      answerTurn,
    );
  }

  function goOn(turn: Turn): void {
    if (answering.current) return;
    const place = current.turns.findIndex(({ id }) => id === turn.id);
    const { problem: _, ...under } = turn;
    void run(
      current,
      current.turns.slice(0, place),
      { ...under, state: turn.text === "" ? "searching" : "answering" },
      continueTurn,
    );
  }

  const stop = useCallback(() => {
    answering.current?.abort(new DOMException("stopped", "AbortError"));
    answering.current = undefined;
  }, []);

  function open(conversation: Conversation): void {
    stop();
    setIsKept(true);
    setCurrent(conversation);
  }

  return {
    current,
    kept,
    isKept,
    isAnswering: current.turns.some(isUnderWay),
    ask,
    askAgain,
    goOn,
    stop,
    start: () => open(newConversation()),
    open,
    remove(id) {
      removed.current.add(id);
      store.remove(id);
      setKept(store.list());
      if (id === current.id) open(newConversation());
    },
    clear() {
      for (const { id } of [...kept, current]) removed.current.add(id);
      store.clear();
      setKept([]);
      open(newConversation());
    },
  };
}
