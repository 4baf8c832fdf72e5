/** Documents as resources, and what goes wrong, as the official client sees them. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { CallToolResultSchema } from "@modelcontextprotocol/sdk/types.js";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { call, DOCUMENTS, mcpFixture, structured, textOf } from "../../test/conformance/mcp-fixture.ts";
import { documentId } from "../rag/document-id.ts";

const mcp = mcpFixture();

describe("resources", () => {
  test("all documents of all collections are listed once, in pages", async () => {
    const many = (prefix: string, count: number) =>
      Array.from({ length: count }, (_, i) => ({
        source: `/${prefix}/${i}.txt`,
        format: "plain" as const,
        text: `${prefix} ${i}`,
      }));
    await mcp.fill("заметки", many("z", 130));
    await mcp.fill("books", many("b", 199));
    mkdirSync(join(mcp.folder, "broken"));
    const client = await mcp.connect();
    const uris: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await client.listResources(cursor === undefined ? {} : { cursor });
      expect(page.resources.length).toBeLessThanOrEqual(100);
      uris.push(...page.resources.map(({ uri }) => uri));
      cursor = page.nextCursor;
    } while (cursor !== undefined);
    const expected = [...mcp.indexes].flatMap(([name]) => {
      const collection = encodeURIComponent(name);
      const sources = name === "default" ? DOCUMENTS : name === "books" ? many("b", 199) : many("z", 130);
      return sources.map(({ source }) => `vikhr://${collection}/${documentId(source)}`);
    });
    expect([...uris].sort()).toEqual(expected.sort());
    const { contents } = await client.readResource({ uri: uris.at(-1)! });
    expect(contents).toEqual([
      { uri: uris.at(-1), mimeType: "text/plain", text: expect.stringMatching(/^z \d+$/) },
    ]);
  });

  test("one is read as a reader sees it, and a long one is cut with word of the rest", async () => {
    const paragraphs = Array.from(
      { length: 6000 },
      (_, i) => `Number ${i} of a very long story that goes on.`,
    );
    await mcp.fill("default", [{ source: "/long.txt", format: "plain", text: paragraphs.join("\n\n") }]);
    const client = await mcp.connect();
    const read = async (source: string) => {
      const uri = `vikhr://default/${documentId(source)}`;
      const [content] = (await client.readResource({ uri })).contents;
      return content as { text: string; mimeType: string };
    };
    expect(await read("/ice.md")).toMatchObject({
      mimeType: "text/markdown",
      text: "# Ледники\n\nЛедник Аккем отступает на 12 метров в год.",
    });
    expect((await read("/evil\n.html")).text).not.toMatch(/<p>|hidden|\u001b/);
    const { text } = await read("/long.txt");
    expect(text.length).toBeLessThan(200_200);
    expect(text.slice(0, 11)).toBe("Number 0 of");
    expect(text.slice(-80)).toMatch(/read_document reads it with start \d+\.\]$/);
  });

  test("names of collections are completed", async () => {
    await mcp.fill("books", []);
    await mcp.fill("заметки", []);
    const client = await mcp.connect();
    const { resourceTemplates } = await client.listResourceTemplates();
    const ref = { type: "ref/resource" as const, uri: resourceTemplates[0]!.uriTemplate };
    const complete = async (value: string) =>
      (await client.complete({ ref, argument: { name: "collection", value } })).completion.values;
    expect(await complete("")).toEqual(["books", "default", "заметки"]);
    expect(await complete("за")).toEqual(["заметки"]);
  });

  test("what is not there, and what is no address, are errors of the protocol", async () => {
    const client = await mcp.connect();
    for (const [uri, code] of [
      [`vikhr://default/${documentId("/none")}`, -32002],
      ["vikhr://none/doc_1", -32002],
      ["vikhr://default/%2Fetc%2Fpasswd", -32002],
      ["vikhr://..%2F..%2Fetc/passwd", -32602],
      ["vikhr://default/%E0", -32602],
      ["file:///etc/passwd", -32602],
      ["no address", -32603],
    ] as const)
      await expect(client.readResource({ uri }), uri).rejects.toMatchObject({ code });
    for (const cursor of ["", "x", Buffer.from('{"a":1}').toString("base64url")])
      await expect(client.listResources({ cursor })).rejects.toMatchObject({ code: -32602 });
  });
});

describe("what goes wrong", () => {
  test("a fault of ours is reported, and its message told to nobody", async () => {
    const client = await mcp.connect();
    mcp.indexes.get("default")!.documents = () => Promise.reject(new Error("the secret of /home/me"));
    const result = await call(client, "read_document", { document: "/ice.md" });
    expect([result.isError, textOf(result)]).toEqual([true, "something went wrong in Vikhr: see its log"]);
    const uri = `vikhr://default/${documentId("/ice.md")}`;
    await expect(client.readResource({ uri })).rejects.toMatchObject({
      code: -32603,
      message: expect.not.stringContaining("secret"),
    });
    expect(mcp.faults).toHaveLength(2);
  });

  test("an unknown collection and a model that does not open are told", async () => {
    const client = await mcp.connect();
    const result = await call(client, "search", { query: "sea", collection: "none" });
    expect([result.isError, textOf(result)]).toEqual([true, "there is no collection none"]);
    expect(mcp.faults).toEqual([]);
  });

  test("any arguments end in a result or an error of the protocol, and the server lives", async () => {
    const client = await mcp.connect();
    const good = { query: "sea", question: "sea?", document: "/ice.md", collection: "default" };
    const args = fc.oneof(
      fc.dictionary(fc.string(), fc.jsonValue()),
      fc.record(
        {
          query: fc.oneof(fc.jsonValue(), fc.string({ unit: "binary", maxLength: 300 })),
          question: fc.oneof(fc.jsonValue(), fc.string({ unit: "binary", maxLength: 300 })),
          document: fc.oneof(fc.jsonValue(), fc.string({ unit: "binary" })),
          collection: fc.oneof(fc.jsonValue(), fc.string({ unit: "binary" }), fc.constant("default")),
          top_k: fc.oneof(fc.jsonValue(), fc.double()),
          start: fc.oneof(fc.jsonValue(), fc.integer()),
          end: fc.oneof(fc.jsonValue(), fc.integer()),
          filter: fc.oneof(
            fc.jsonValue(),
            fc.record({ formats: fc.jsonValue(), modified_to: fc.jsonValue() }),
          ),
        },
        { requiredKeys: [] },
      ),
    );
    const name = fc.oneof(
      fc.constantFrom("search", "ask", "read_document", "list_collections"),
      fc.constantFrom("__proto__", "constructor", "toString", ""),
    );
    let [results, errors] = [0, 0];
    await fc.assert(
      fc.asyncProperty(name, args, fc.boolean(), async (tool, given, isNear) => {
        const params = { name: tool, arguments: isNear ? { ...good, ...given } : given };
        try {
          const result = await client.request({ method: "tools/call", params }, CallToolResultSchema);
          results++;
          if (result.isError) expect(textOf(result)).not.toBe("something went wrong in Vikhr: see its log");
        } catch (error) {
          errors++;
          expect(error).toMatchObject({ code: expect.any(Number) });
        }
      }),
      { numRuns: 200 },
    );
    expect(results + errors).toBeGreaterThanOrEqual(200);
    expect(mcp.faults).toEqual([]);
    expect(structured(await call(client, "search", { query: "sea" })).hits).not.toEqual([]);
  });

  test("any address of a resource ends in an error of the protocol", async () => {
    const client = await mcp.connect();
    const uri = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.webUrl(),
      fc.tuple(fc.string(), fc.string()).map(([a, b]) => `vikhr://${a}/${b}`),
    );
    await fc.assert(
      fc.asyncProperty(uri, async (address) => {
        await expect(client.readResource({ uri: address })).rejects.toMatchObject({
          code: expect.any(Number),
        });
      }),
      { numRuns: 300 },
    );
    expect(mcp.faults).toEqual([]);
    await client.ping();
  });
});
