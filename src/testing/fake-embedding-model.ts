/**
 * An EmbeddingModel without weights: each word has a direction of its own, and a text points where its words do
 * together. So texts that share words are near, others about orthogonal. Remembers every call.
 */
import type { EmbeddingModel, EmbedOptions } from "../spec/embedding-model.ts";

export interface FakeEmbeddingCall {
  texts: readonly string[];
  role: EmbedOptions["role"];
}

export interface FakeEmbeddingModel extends EmbeddingModel {
  readonly calls: readonly FakeEmbeddingCall[];
  readonly closed: boolean;
}

const DIMENSION = 32;

export function fakeEmbeddingModel({ name = "fake-embedding" } = {}): FakeEmbeddingModel {
  const calls: FakeEmbeddingCall[] = [];
  let closed = false;
  return {
    name,
    dimension: DIMENSION,
    calls,
    get closed() {
      return closed;
    },
    async embed(texts, { role, signal }) {
      signal?.throwIfAborted();
      if (closed) throw new Error(`the fake model '${name}' is closed`);
      calls.push({ texts: [...texts], role });
      return texts.map(vectorOf);
    },
    async close() {
      closed = true;
    },
  };
}

function vectorOf(text: string): Float32Array {
  const sum = new Float32Array(DIMENSION);
  for (const word of text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []) {
    const signs = hash(word);
    for (let i = 0; i < DIMENSION; i++) sum[i]! += (signs >>> i) & 1 ? 1 : -1;
  }
  const length = Math.hypot(...sum);
  return length === 0 ? sum : sum.map((value) => value / length);
}

/** FNV-1a, then mixed (as in MurmurHash3), so that each bit depends on all of the word. */
function hash(word: string): number {
  let bits = 0x811c9dc5;
  for (let i = 0; i < word.length; i++) bits = Math.imul(bits ^ word.charCodeAt(i), 0x01000193);
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return bits ^ (bits >>> 16);
}
