/**
 * GGUF metadata: typed values as they stand in the file, constructors for writing them and checked access for
 * reading them. Knows no key of any particular model.
 */
import { InputError } from "../errors.ts";

/** Names of the value types; the index is the number that stands in the file. */
export const VALUE_TYPES = [
  "u8",
  "i8",
  "u16",
  "i16",
  "u32",
  "i32",
  "f32",
  "bool",
  "string",
  "array",
  "u64",
  "i64",
  "f64",
] as const;
export type ValueType = (typeof VALUE_TYPES)[number];

/** How arrays of numbers are held in memory, which is how they lie in the file (little-endian). */
export const TYPED_ARRAYS = {
  u8: Uint8Array,
  i8: Int8Array,
  u16: Uint16Array,
  i16: Int16Array,
  u32: Uint32Array,
  i32: Int32Array,
  f32: Float32Array,
  u64: BigUint64Array,
  i64: BigInt64Array,
  f64: Float64Array,
} as const;
export type NumericType = keyof typeof TYPED_ARRAYS;
export type NumericArray = InstanceType<(typeof TYPED_ARRAYS)[NumericType]>;

export type GgufValue =
  | { type: "u8" | "i8" | "u16" | "i16" | "u32" | "i32" | "f32" | "f64"; value: number }
  | { type: "u64" | "i64"; value: bigint }
  | { type: "bool"; value: boolean }
  | { type: "string"; value: string }
  | { type: "array"; of: "string"; value: readonly string[] }
  | { type: "array"; of: "bool"; value: readonly boolean[] }
  | { type: "array"; of: NumericType; value: NumericArray };

/** In the order of the file. A map, since the keys come from outside (`__proto__`). */
export type GgufMetadata = ReadonlyMap<string, GgufValue>;

export const u32 = (value: number): GgufValue => ({ type: "u32", value });
export const f32 = (value: number): GgufValue => ({ type: "f32", value });
export const bool = (value: boolean): GgufValue => ({ type: "bool", value });
export const string = (value: string): GgufValue => ({ type: "string", value });
export const strings = (value: readonly string[]): GgufValue => ({ type: "array", of: "string", value });
export const i32s = (value: ArrayLike<number>): GgufValue => ({
  type: "array",
  of: "i32",
  value: Int32Array.from(value),
});
/** Where metadata was read from: the path stands in error messages. */
export interface MetadataSource {
  path: string;
  metadata: GgufMetadata;
}

/** The number under `key`; `fallback` where the key is absent. 64-bit values must be safe integers. */
export function metadataNumber(source: MetadataSource, key: string, fallback?: number): number {
  const found = source.metadata.get(key);
  if (!found && fallback !== undefined) return fallback;
  if (typeof found?.value === "number") return found.value;
  if (typeof found?.value === "bigint") {
    const value = Number(found.value);
    if (Number.isSafeInteger(value)) return value;
  }
  throw wrong(source, key, found, "a number");
}

export function metadataBool(source: MetadataSource, key: string, fallback?: boolean): boolean {
  const found = source.metadata.get(key);
  if (!found && fallback !== undefined) return fallback;
  if (found?.type === "bool") return found.value;
  throw wrong(source, key, found, "true or false");
}

export function metadataString(source: MetadataSource, key: string, fallback?: string): string {
  const found = source.metadata.get(key);
  if (!found && fallback !== undefined) return fallback;
  if (found?.type === "string") return found.value;
  throw wrong(source, key, found, "a string");
}

export function metadataStrings(source: MetadataSource, key: string): readonly string[] {
  const found = source.metadata.get(key);
  if (found?.type === "array" && found.of === "string") return found.value;
  throw wrong(source, key, found, "a list of strings");
}

/** A list of numbers as plain numbers; `undefined` where the key is absent. */
export function metadataNumbers(source: MetadataSource, key: string): ArrayLike<number> | undefined {
  const found = source.metadata.get(key);
  if (!found) return undefined;
  if (found.type === "array" && found.of !== "string" && found.of !== "bool") {
    const { value } = found;
    if (value instanceof BigUint64Array || value instanceof BigInt64Array)
      return Array.from(value as Iterable<bigint>, Number);
    return value;
  }
  throw wrong(source, key, found, "a list of numbers");
}

function wrong(
  source: MetadataSource,
  key: string,
  found: GgufValue | undefined,
  wanted: string,
): InputError {
  const is = found ? `is ${found.type === "array" ? `a list of ${found.of}` : found.type}` : "is missing";
  return new InputError(
    `${source.path}: the GGUF key ${key} should be ${wanted} and ${is}: use another file`,
  );
}
