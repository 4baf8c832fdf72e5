import fc from "fast-check";
import { expect, test } from "vitest";
import { boundaryOf, readMultipart } from "./multipart.ts";
import { RequestError } from "./openai-error.ts";

interface Read {
  name: string;
  fileName: string | undefined;
  content: string;
}

/** The body in pieces of at most `size` bytes. */
async function* pieces(body: Buffer, size = 64): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < body.length; at += size) yield body.subarray(at, at + size);
}

async function read(boundary: string, body: Buffer, size?: number): Promise<Read[]> {
  const found: Read[] = [];
  for await (const { name, fileName, content } of readMultipart(boundary, pieces(body, size))) {
    const all: Uint8Array[] = [];
    for await (const piece of content) all.push(piece);
    found.push({ name, fileName, content: Buffer.concat(all).toString("latin1") });
  }
  return found;
}

/** As the platform writes a form. */
async function written(form: FormData): Promise<{ boundary: string; body: Buffer }> {
  const response = new Response(form);
  const boundary = boundaryOf(response.headers.get("content-type")!);
  return { boundary, body: Buffer.from(await response.arrayBuffer()) };
}

const content = fc.oneof(
  fc.uint8Array({ maxLength: 200 }),
  fc
    .array(fc.constantFrom("\r", "\n", "\r\n--", "--", "-", "x", "\r\n\r\n"), { maxLength: 20 })
    .map((p) => Buffer.from(p.join(""))),
);
const text = fc.string({ unit: "grapheme", minLength: 1, maxLength: 20 });

test("what the platform writes is read, however it is cut, and whatever is not read is passed over", async () => {
  const files = fc.array(fc.record({ field: text, name: text, content, isRead: fc.boolean() }), {
    maxLength: 5,
  });
  await fc.assert(
    fc.asyncProperty(files, fc.integer({ min: 1, max: 80 }), async (given, size) => {
      const form = new FormData();
      for (const { field, name, content } of given)
        form.append(field, new Blob([content as Uint8Array<ArrayBuffer>]), name);
      const { boundary, body } = await written(form);
      const expected: unknown[] = [...form].map(([name, file]) => ({
        name: name.replace(/\r\n|\r|\n/g, "\r\n"),
        fileName: (file as File).name,
      }));
      const found: unknown[] = [];
      let i = 0;
      for await (const { content, ...rest } of readMultipart(boundary, pieces(body, size))) {
        found.push(rest);
        const { isRead, content: wanted } = given[i++]!;
        const all: Uint8Array[] = [];
        for await (const piece of content) {
          all.push(piece);
          if (!isRead) break;
        }
        if (isRead) expect(Buffer.concat(all).equals(wanted)).toBe(true);
      }
      expect(found).toEqual(expected);
    }),
    { numRuns: 300 },
  );
});

test("a body that ends anywhere before its end is refused", async () => {
  const form = new FormData();
  form.append("file", new Blob(["one\r\n"]), "a.md");
  form.append("file", new Blob(["two"]), "б.md");
  const { boundary, body } = await written(form);
  const end = body.lastIndexOf("--");
  for (let length = 0; length <= end; length++)
    await expect(read(boundary, body.subarray(0, length))).rejects.toThrow(RequestError);
  expect(await read(boundary, body)).toHaveLength(2);
});

test("anything at all is read or refused", async () => {
  const piece = fc.oneof(
    fc.constantFrom(
      "--b",
      "\r\n",
      "\r\n--b\r\n",
      "\r\n--b--",
      'Content-Disposition: form-data; name="file"; filename="a"',
      "\r\n\r\n",
    ),
    fc.string({ maxLength: 10 }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(piece, { maxLength: 12 }), async (all) => {
      const result = await read("b", Buffer.from(all.join("")), 7).catch((error: Error) => error);
      if (result instanceof Error) expect(result).toBeInstanceOf(RequestError);
    }),
    { numRuns: 1000 },
  );
});

test("names, as different clients write them", async () => {
  const part = async (disposition: string) => {
    const body = `--b\r\ncontent-type: text/html\r\nContent-Disposition: form-data; ${disposition}\r\n\r\nx\r\n--b--\r\n`;
    const [{ content: _, ...part }] = (await read("b", Buffer.from(body))) as [Read];
    return part;
  };
  expect(await part('name="file"; filename="a%22b.md"')).toEqual({ name: "file", fileName: 'a"b.md' });
  expect(await part('name="file"; filename="C:\\a.md"')).toEqual({ name: "file", fileName: "C:\\a.md" });
  expect(await part("name=file; filename=a.md")).toEqual({ name: "file", fileName: "a.md" });
  expect(await part('filename="x"; filename*=utf-8\'\'%D0%B0.md; name="file"')).toEqual({
    name: "file",
    fileName: "а.md",
  });
  expect(await part('name="file"; filename=""')).toEqual({ name: "file", fileName: "" });
  expect(await part('name="note"')).toEqual({ name: "note", fileName: undefined });
});

test.each([
  "--b\r\nX: y\r\n\r\nx\r\n--b--",
  "--b\r\nContent-Disposition: attachment\r\n\r\nx\r\n--b--",
  "--b\r\nContent-Disposition: form-data; name=\"file\"; filename*=utf-8''%FF\r\n\r\nx\r\n--b--",
  `--b\r\nContent-Disposition: form-data; name="${"x".repeat(20_000)}"\r\n\r\nx\r\n--b--`,
])("malformed: %j", async (body) => {
  await expect(read("b", Buffer.from(body))).rejects.toThrow(RequestError);
});

test("bytes that are no UTF-8 in a header are refused", async () => {
  const body = Buffer.from(
    '--b\r\nContent-Disposition: form-data; name="file"; filename="\xff"\r\n\r\nx\r\n--b--',
    "latin1",
  );
  await expect(read("b", body)).rejects.toThrow(RequestError);
});

test("boundaries", () => {
  expect(boundaryOf("multipart/form-data; charset=x; Boundary=abc")).toBe("abc");
  expect(boundaryOf('multipart/form-data; boundary="a b"; x=y')).toBe("a b");
  for (const type of [
    "multipart/form-data",
    "multipart/form-data; boundary=",
    `multipart/form-data; boundary=${"x".repeat(80)}`,
  ])
    expect(() => boundaryOf(type)).toThrow(RequestError);
});

const filePart = (parameters: string, content = "x") =>
  `--b\r\nContent-Disposition: form-data; ${parameters}\r\n\r\n${content}\r\n`;
const good = filePart('name="file"; filename="a.md"');

test("of two names it is filename*, whichever comes first", async () => {
  // As Spring writes a name that is not ASCII.
  const parameters = ['name="file"', 'filename="=?UTF-8?Q?=D0=B0.md?="', "filename*=UTF-8''%D0%B0.md"];
  await fc.assert(
    fc.asyncProperty(fc.shuffledSubarray(parameters, { minLength: 3 }), async (order) => {
      const [part] = await read("b", Buffer.from(`${filePart(order.join("; "))}--b--`));
      expect(part).toEqual({ name: "file", fileName: "а.md", content: "x" });
    }),
  );
});

test("a body with a part that cannot be told is refused, whatever good ones stand beside it", async () => {
  const bad = fc.constantFrom(
    "--b\r\n\r\nx\r\n",
    '--b-\r\nContent-Disposition: form-data; name="file"; filename="lost.md"\r\n\r\nx\r\n',
    "--b\r\nX: y\r\n\r\nx\r\n",
    filePart('name="file"; filename="lost.md"').replace("form-data", "attachment"),
    filePart('filename="lost.md"'),
    `--b\r\nX: ${"y".repeat(20_000)}\r\nContent-Disposition: form-data; name="file"; filename="lost.md"\r\n\r\nx\r\n`,
    '--b\r\nContent-Disposition: form-data; name="file"; filename="lost.md"\r\n',
    // A line of a file that begins as the boundary does: half of it is no file.
    filePart('name="file"; filename="half.md"', "one\r\n--b and so on\r\ntwo"),
    filePart('name="file"; filename="half.md"', "one\r\n--boundary\r\n\r\ntwo"),
  );
  const cut = fc.integer({ min: 1, max: 50_000 });
  await fc.assert(
    fc.asyncProperty(bad, fc.nat(2), fc.nat(2), cut, async (part, before, after, size) => {
      const body = Buffer.from(`${good.repeat(before)}${part}${good.repeat(after)}--b--`);
      await expect(read("b", body, size)).rejects.toThrow(RequestError);
    }),
    { numRuns: 300 },
  );
  const padded = good.replace("--b", "--b \t");
  expect(await read("b", Buffer.from(`${padded}${good}--b--`))).toHaveLength(2);
});
