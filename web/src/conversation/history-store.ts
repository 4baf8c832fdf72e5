/**
 * Conversations kept in the browser: one record each, so that a damaged one costs only itself. Bounded: the oldest go
 * first, also where the browser says that it is full.
 */
import { type Conversation, readConversation } from "./conversation.ts";
import { isUnderWay, keptHits } from "./turn.ts";

/** What of localStorage is used. */
export type Records = Pick<Storage, "length" | "key" | "getItem" | "setItem" | "removeItem">;

const PREFIX = "vikhr.conversation.";

export interface HistoryBounds {
  conversations: number;
  /** UTF-16 code units of all records together; browsers allow about five million. */
  characters: number;
}

const BOUNDS: HistoryBounds = { conversations: 100, characters: 3_000_000 };

export class HistoryStore {
  readonly #records: Records;
  readonly #bounds: HistoryBounds;

  constructor(records: Records, bounds: HistoryBounds = BOUNDS) {
    this.#records = records;
    this.#bounds = bounds;
  }

  /** The newest first. */
  list(): Conversation[] {
    const read = this.#keys().map((key) => readConversation(this.#records.getItem(key) ?? ""));
    return read.filter((item) => item !== undefined).sort((a, b) => b.updated - a.updated);
  }

  /** false: this one alone is more than may be kept. An older state of it stays then. */
  save(conversation: Conversation): boolean {
    const key = PREFIX + conversation.id;
    const record = JSON.stringify({ ...conversation, turns: conversation.turns.map(toKeep) });
    if (record.length > this.#bounds.characters) return false;
    const others = this.list().filter(({ id }) => id !== conversation.id);
    this.#dropUnreadable();
    this.#bound(others, record.length);
    for (;;)
      try {
        this.#records.setItem(key, record);
        return true;
      } catch {
        const oldest = others.pop();
        if (!oldest) return false;
        this.remove(oldest.id);
      }
  }

  remove(id: string): void {
    this.#records.removeItem(PREFIX + id);
  }

  clear(): void {
    for (const key of this.#keys()) this.#records.removeItem(key);
  }

  #keys(): string[] {
    const keys: string[] = [];
    for (let i = 0; i < this.#records.length; i++) {
      const key = this.#records.key(i);
      if (key?.startsWith(PREFIX)) keys.push(key);
    }
    return keys;
  }

  #dropUnreadable(): void {
    for (const key of this.#keys())
      if (!readConversation(this.#records.getItem(key) ?? "")) this.#records.removeItem(key);
  }

  /** Takes the oldest out of `others` until a record of `added` characters has room beside them. */
  #bound(others: Conversation[], added: number): void {
    const sizeOf = ({ id }: Conversation) => this.#records.getItem(PREFIX + id)?.length ?? 0;
    let characters = added + others.reduce((sum, item) => sum + sizeOf(item), 0);
    while (others.length >= this.#bounds.conversations || characters > this.#bounds.characters) {
      const oldest = others.pop();
      if (!oldest) return;
      characters -= sizeOf(oldest);
      this.remove(oldest.id);
    }
  }
}

function toKeep(turn: Conversation["turns"][number]) {
  return isUnderWay(turn) ? turn : { ...turn, hits: keptHits(turn) };
}
