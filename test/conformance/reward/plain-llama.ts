/**
 * Llama's forward pass in plain numbers, straight from the tensors of a file: the state of the last token after the
 * final norm. Touvron et al. 2023; RoPE turns neighbours, as llama.cpp's `llama` has it.
 */
import { metadataNumber } from "../../../src/gguf/metadata.ts";
import { readGguf } from "../../../src/gguf/read-gguf.ts";
import { readTensorFloats } from "../../../src/gguf/read-tensor.ts";

type Vector = number[];

export function plainLlama(path: string): (tokens: readonly number[]) => Vector {
  const file = readGguf(path);
  const number = (key: string) => metadataNumber(file, `llama.${key}`);
  const [width, heads] = [number("embedding_length"), number("attention.head_count")];
  const [kvHeads, size] = [number("attention.head_count_kv"), width / heads];
  const epsilon = number("attention.layer_norm_rms_epsilon");
  const base = number("rope.freq_base");
  const known = new Map(file.tensors.map(({ name }) => [name, readTensorFloats(file, name)]));
  const times = (name: string, x: Vector): Vector => {
    const matrix = known.get(`${name}.weight`)!;
    return Array.from({ length: matrix.length / x.length }, (_, row) =>
      x.reduce((sum, value, i) => sum + value * matrix[row * x.length + i]!, 0),
    );
  };
  const norm = (name: string, x: Vector): Vector => {
    const scale = 1 / Math.sqrt(x.reduce((sum, v) => sum + v * v, 0) / x.length + epsilon);
    return x.map((value, i) => value * scale * known.get(`${name}.weight`)![i]!);
  };
  const turned = (x: Vector, position: number): Vector =>
    x.map((value, i) => {
      const pair = (i % size) >> 1;
      const angle = position * base ** ((-2 * pair) / size);
      const other = i % 2 === 0 ? -x[i + 1]! : x[i - 1]!;
      return value * Math.cos(angle) + other * Math.sin(angle);
    });
  const attend = (query: Vector, keys: readonly Vector[], values: readonly Vector[]): Vector =>
    query.map((_, i) => {
      const head = Math.floor(i / size);
      const kvHead = Math.floor(head / (heads / kvHeads));
      const scores = keys.map((key) => {
        let score = 0;
        for (let j = 0; j < size; j++) score += query[head * size + j]! * key[kvHead * size + j]!;
        return Math.exp(score / Math.sqrt(size));
      });
      const total = scores.reduce((a, b) => a + b);
      return values.reduce(
        (sum, value, at) => sum + (scores[at]! / total) * value[kvHead * size + (i % size)]!,
        0,
      );
    });
  const plus = (a: Vector, b: Vector) => a.map((value, i) => value + b[i]!);
  return (tokens) => {
    let states = tokens.map((token) =>
      Array.from(known.get("token_embd.weight")!.subarray(token * width, (token + 1) * width)),
    );
    for (let block = 0; block < number("block_count"); block++) {
      const name = (part: string) => `blk.${block}.${part}`;
      const normed = states.map((state) => norm(name("attn_norm"), state));
      const keys = normed.map((x, position) => turned(times(name("attn_k"), x), position));
      const values = normed.map((x) => times(name("attn_v"), x));
      states = states.map((state, at) => {
        const query = turned(times(name("attn_q"), normed[at]!), at);
        const seen = attend(query, keys.slice(0, at + 1), values.slice(0, at + 1));
        const middle = plus(state, times(name("attn_output"), seen));
        const inner = norm(name("ffn_norm"), middle);
        const up = times(name("ffn_up"), inner);
        const gated = times(name("ffn_gate"), inner).map((g, i) => (g / (1 + Math.exp(-g))) * up[i]!);
        return plus(middle, times(name("ffn_down"), gated));
      });
    }
    return norm("output_norm", states.at(-1)!);
  };
}
