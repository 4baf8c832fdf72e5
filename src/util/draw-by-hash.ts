/** Choices that are the same on any machine, and of each item the same whatever others there are: by hashes of names. */
import { createHash } from "node:crypto";

/** A shuffled copy; `seed` tells one shuffle of the same items from another. */
export function shuffledByHash<T>(items: readonly T[], seed: string, nameOf: (item: T) => string): T[] {
  const keyed = items.map((item) => ({ item, key: hash(`${seed}\n${nameOf(item)}`) }));
  return keyed.sort((a, b) => (a.key < b.key ? -1 : 1)).map(({ item }) => item);
}

/** From 0 to `count` - 1. */
export function indexByHash(count: number, seed: string): number {
  return Number.parseInt(hash(seed).slice(0, 8), 16) % count;
}

function hash(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
