/**
 * A minimal writer of Parquet files (apache/parquet-format 2.10), for tests: one row group, one plain page a column; texts,
 * whole numbers, and lists of dialogue turns nested as pyarrow and Hugging Face write them.
 */
import { gzipSync } from "node:zlib";

export type ParquetColumn =
  | { name: string; texts: (string | null)[] }
  | { name: string; numbers: bigint[] }
  /** So many of them, in a few bytes. */
  | { name: string; nulls: number }
  | { name: string; turns: { role: string; content: string }[][] };

export type ParquetCodec = "none" | "snappy" | "gzip";

/** All columns have as many rows. */
export function writeParquet(columns: readonly ParquetColumn[], codec: ParquetCodec = "none"): Buffer {
  const rows = countOf(columns[0]!);
  const pieces: Buffer[] = [Buffer.from("PAR1")];
  let at = 4;
  const chunks = columns.flatMap(leavesOf).map((leaf) => {
    const page = Buffer.concat([runs(leaf.repetitions), runs(leaf.definitions), ...leaf.values]);
    const packed = COMPRESS[codec].run(page);
    const header = struct(
      [1, i32(0)],
      [2, i32(page.length)],
      [3, i32(packed.length)],
      [5, struct([1, i32(leaf.count)], [2, i32(0)], [3, i32(3)], [4, i32(3)])],
    ).bytes;
    const meta = struct(
      [1, i32(leaf.type)],
      [2, list([i32(0), i32(3)])],
      [3, list(leaf.path.map(text))],
      [4, i32(COMPRESS[codec].id)],
      [5, i64(leaf.count)],
      [6, i64(header.length + page.length)],
      [7, i64(header.length + packed.length)],
      [9, i64(at)],
    );
    const chunk = struct([2, i64(at)], [3, meta]);
    pieces.push(header, packed);
    at += header.length + packed.length;
    return chunk;
  });
  const schema = [
    struct([4, text("schema")], [5, i32(columns.length)]),
    ...columns.flatMap((column) => schemaOf(column)),
  ];
  const group = struct([1, list(chunks)], [2, i64(at)], [3, i64(rows)]);
  const footer = struct([1, i32(2)], [2, list(schema)], [3, i64(rows)], [4, list([group])]).bytes;
  const length = Buffer.alloc(4);
  length.writeUInt32LE(footer.length);
  return Buffer.concat([...pieces, footer, length, Buffer.from("PAR1")]);
}

const [INT64, BYTE_ARRAY] = [2, 6];
const [REQUIRED, OPTIONAL, REPEATED] = [0, 1, 2];
const [UTF8, LIST] = [0, 3];

interface Leaf {
  path: string[];
  type: number;
  /** Values and gaps. */
  count: number;
  repetitions: Run[];
  definitions: Run[];
  values: Buffer[];
}

/** A level, so many times. */
type Run = [count: number, level: number];

const eachOnce = (levels: readonly number[]): Run[] => levels.map((level) => [1, level]);

function countOf(column: ParquetColumn): number {
  if ("texts" in column) return column.texts.length;
  if ("nulls" in column) return column.nulls;
  return "numbers" in column ? column.numbers.length : column.turns.length;
}

function leavesOf(column: ParquetColumn): Leaf[] {
  if ("numbers" in column) {
    const values = column.numbers.map((number) => {
      const bytes = Buffer.alloc(8);
      bytes.writeBigInt64LE(number);
      return bytes;
    });
    const flat = { count: values.length, repetitions: [], definitions: [] };
    return [{ path: [column.name], type: INT64, ...flat, values }];
  }
  if ("texts" in column) {
    const definitions = column.texts.map((one) => (one === null ? 0 : 1));
    const values = column.texts.flatMap((one) => (one === null ? [] : [byteArray(one)]));
    return [
      {
        path: [column.name],
        type: BYTE_ARRAY,
        count: definitions.length,
        repetitions: [],
        definitions: eachOnce(definitions),
        values,
      },
    ];
  }
  if ("nulls" in column) {
    const definitions: Run[] = [[column.nulls, 0]];
    return [
      {
        path: [column.name],
        type: BYTE_ARRAY,
        count: column.nulls,
        repetitions: [],
        definitions,
        values: [],
      },
    ];
  }
  return (["role", "content"] as const).map((field) => {
    // An empty list is a gap at the level of the list itself; a turn is defined through all four levels.
    const definitions = column.turns.flatMap((turns) => (turns.length === 0 ? [1] : turns.map(() => 4)));
    const repetitions = column.turns.flatMap((turns) =>
      turns.length === 0 ? [0] : turns.map((_, i) => Math.min(i, 1)),
    );
    return {
      path: [column.name, "list", "element", field],
      type: BYTE_ARRAY,
      count: definitions.length,
      repetitions: eachOnce(repetitions),
      definitions: eachOnce(definitions),
      values: column.turns.flat().map((turn) => byteArray(turn[field])),
    };
  });
}

function schemaOf(column: ParquetColumn): Thrift[] {
  const string = (name: string) =>
    struct([1, i32(BYTE_ARRAY)], [3, i32(OPTIONAL)], [4, text(name)], [6, i32(UTF8)]);
  if ("texts" in column || "nulls" in column) return [string(column.name)];
  if ("numbers" in column) return [struct([1, i32(INT64)], [3, i32(REQUIRED)], [4, text(column.name)])];
  return [
    struct([3, i32(OPTIONAL)], [4, text(column.name)], [5, i32(1)], [6, i32(LIST)]),
    struct([3, i32(REPEATED)], [4, text("list")], [5, i32(1)]),
    struct([3, i32(OPTIONAL)], [4, text("element")], [5, i32(2)]),
    string("role"),
    string("content"),
  ];
}

/** Run-length encoded. A column without levels has no bytes for them. */
function runs(levels: readonly Run[]): Buffer {
  if (levels.length === 0) return Buffer.alloc(0);
  const bytes = Buffer.concat(
    levels.flatMap(([count, level]) => [varint(BigInt(count) << 1n), Buffer.from([level])]),
  );
  const length = Buffer.alloc(4);
  length.writeUInt32LE(bytes.length);
  return Buffer.concat([length, bytes]);
}

function byteArray(value: string): Buffer {
  const bytes = Buffer.from(value);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(bytes.length);
  return Buffer.concat([length, bytes]);
}

const COMPRESS: Record<ParquetCodec, { id: number; run(page: Buffer): Buffer }> = {
  none: { id: 0, run: (page) => page },
  snappy: { id: 1, run: snappy },
  gzip: { id: 2, run: (page) => gzipSync(page) },
};

/** Literals only: nothing is made smaller. */
function snappy(page: Buffer): Buffer {
  const pieces = [varint(BigInt(page.length))];
  for (let at = 0; at < page.length; at += 65_536) {
    const literal = page.subarray(at, at + 65_536);
    pieces.push(Buffer.from([61 << 2, (literal.length - 1) & 255, (literal.length - 1) >> 8]), literal);
  }
  return Buffer.concat(pieces);
}

/** A value of Thrift's compact protocol, with the type that its field or list says of it. */
interface Thrift {
  type: number;
  bytes: Buffer;
}

const i32 = (value: number): Thrift => ({ type: 5, bytes: zigzag(value) });
const i64 = (value: number): Thrift => ({ type: 6, bytes: zigzag(value) });
const text = (value: string): Thrift => {
  const bytes = Buffer.from(value);
  return { type: 8, bytes: Buffer.concat([varint(BigInt(bytes.length)), bytes]) };
};

/** Of one type, at most 14. */
function list(items: readonly Thrift[]): Thrift {
  const head = Buffer.from([(items.length << 4) | (items[0]?.type ?? 0)]);
  return { type: 9, bytes: Buffer.concat([head, ...items.map(({ bytes }) => bytes)]) };
}

/** Field numbers ascend by less than 16. */
function struct(...fields: [number, Thrift][]): Thrift {
  const pieces = fields.flatMap(([number, { type, bytes }], i) => [
    Buffer.from([((number - (fields[i - 1]?.[0] ?? 0)) << 4) | type]),
    bytes,
  ]);
  return { type: 12, bytes: Buffer.concat([...pieces, Buffer.from([0])]) };
}

function zigzag(value: number): Buffer {
  return varint(BigInt(value) << 1n);
}

function varint(value: bigint): Buffer {
  const bytes: number[] = [];
  let left = value;
  for (; left > 127n; left >>= 7n) bytes.push(Number(left & 127n) | 128);
  return Buffer.from([...bytes, Number(left)]);
}
