/** `vikhr add`, `sync`, `remove`, `collections`, `search` and `ask` as people run them, over real files. */
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { strToU8, zipSync } from "fflate";
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { Collection } from "../../src/index/collections.ts";
import { bombPdf } from "../conformance/bomb-pdf.ts";
import { type CliOptions, runCli } from "./run-cli.ts";

const NANO = join(import.meta.dirname, "../../models/nano.gguf");

let root: string;
let docs: string;
beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), "vikhr-corpus-")));
  docs = join(root, "docs");
  mkdirSync(docs);
  write(
    "ice.md",
    "# Ледники\n\nЛедник Аккем отступает на 12 метров в год.\n\n## Причины\n\nЛето стало теплее.\n",
  );
  write("sea.txt", "The sea level at Port Arden rose by 9 centimetres.");
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const write = (name: string, content: string | Uint8Array) => writeFileSync(join(docs, name), content);
const vikhr = (args: string[], options: Partial<CliOptions> = {}) =>
  runCli(args, { folder: root, env: { VIKHR_DATA: join(root, "data") }, ...options });

describe("a folder", () => {
  test("is added, searched, asked, kept in sync, and removed", async () => {
    const added = await vikhr(["add", "docs"]);
    expect(added).toMatchObject({ code: 0, stderr: "" });
    expect(added.stdout).toBe("default: 2 added, 0 replaced, 0 removed, 0 unchanged; 3 chunks written\n");

    const found = JSON.parse((await vikhr(["search", "отступление ледника", "--json"])).stdout);
    expect(found[0]).toMatchObject({ rank: 1, source: join(docs, "ice.md"), format: "markdown", start: 0 });

    const asked = await vikhr(["ask", "На сколько отступает ледник Аккем?", "--json", "--model", "quotes"]);
    const answer = JSON.parse(asked.stdout);
    expect(answer).toMatchObject({ outcome: "answered" });
    expect(answer.answer).toContain("12 метров");
    const [relevant] = answer.relevant_doc_ids;
    expect(answer.hits.find(({ doc_id }: { doc_id: number }) => doc_id === relevant).source).toBe(
      join(docs, "ice.md"),
    );
    const nothing = await vikhr(["ask", "Кто написал оперу «Снегурочка»?", "--json", "--model", "quotes"]);
    expect(JSON.parse(nothing.stdout)).toMatchObject({ outcome: expect.stringMatching(/^nothing/) });

    write("sea.txt", "The sea level at Port Arden rose by 11 centimetres.");
    rmSync(join(docs, "ice.md"));
    const synced = JSON.parse((await vikhr(["sync", "--json"])).stdout);
    expect(synced).toMatchObject({ added: 0, replaced: 1, removed: 1, unchanged: 0, failed: [] });

    const collections = JSON.parse((await vikhr(["collections", "--json"])).stdout);
    expect(collections).toEqual([{ name: "default", documents: 1, sources: [docs] }]);
    expect((await vikhr(["remove", "docs"])).stdout).toContain("1 removed");
    expect((await vikhr(["remove", "--all"])).code).toBe(0);
    expect(JSON.parse((await vikhr(["collections", "--json"])).stdout)).toEqual([]);
  });

  test("is found by a noun in another case, a verb without its prefix, a name in the other alphabet; shown is where", async () => {
    const filler = "Полки стоят вдоль стены, и пыль с них вытирают по субботам. ".repeat(8);
    write("setup.md", `# Склад\n\n${filler}\n\nПеред запуском установите Docker.\n`);
    write("faults.md", `# Сбои\n\n${filler}\n\nДля обработки ошибок есть журнал, его надо прочитать.\n`);
    await vikhr(["add", "docs"]);
    for (const [query, name, shown] of [
      ["докер", "setup.md", "Перед запуском установите Docker."],
      ["ошибка", "faults.md", "Для обработки ошибок есть журнал"],
      ["читать журналы", "faults.md", "Для обработки ошибок есть журнал"],
    ]) {
      const { stdout } = await vikhr(["search", query!, "-k", "1"]);
      expect(stdout).toContain(name);
      expect(stdout).toContain(shown);
    }
    // What only sounds alike is no word of the question.
    write("git.md", "Install git first.");
    await vikhr(["sync"]);
    expect(await vikhr(["search", "жить"])).toMatchObject({ code: 0, stdout: "" });
  });

  test("of code is shown as it stands, of HTML as it is seen", async () => {
    write(
      "stove.tsx",
      "export function Stove() {\n  if (a <b && c> d) return <Chimney label='draught' />;\n}\n",
    );
    write("stove.html", "<p>The <b>chimney</b> is a &lt;b&gt; of stone.</p>");
    await vikhr(["add", "docs"]);
    const { stdout } = await vikhr(["search", "chimney"]);
    expect(stdout).toContain("if (a <b && c> d) return <Chimney label='draught' />;");
    expect(stdout).toContain("The chimney is a <b> of stone.");
  });

  test("is talked with: a follow-up question is read with the one before", async () => {
    await vikhr(["add", "docs"]);
    const run = await vikhr(["chat", "--collection", "default", "--model", "quotes"], {
      stdin: "На сколько отступает ледник Аккем?\nПочему?\n",
    });
    expect(run).toMatchObject({ code: 0, stderr: "" });
    expect(run.stdout.match(/12 метров/g)).toHaveLength(2);
    expect(run.stdout.match(/ice\.md/g)).toHaveLength(2);
  });

  test("is searched by meaning, too, where a model makes vectors of it", async () => {
    await vikhr(["add", "docs"]);
    const missing = await vikhr(["add", "docs", "--embedding-model", "none.gguf"]);
    expect(missing).toMatchObject({ code: 2, stdout: "" });
    expect(missing.stderr).toContain("there is no embedding model none.gguf");
    const added = await vikhr(["add", "docs", "--embedding-model", NANO]);
    // Vectors of a new model: all is read again.
    expect(added.stdout).toContain("2 added, 0 replaced");
    expect(JSON.parse((await vikhr(["search", "квазар", "--json"])).stdout)).toHaveLength(3);
    write("wind.md", "Ветер дует с моря.");
    expect((await vikhr(["sync"])).stdout).toContain("1 added, 0 replaced, 0 removed, 2 unchanged");
    const [hit] = JSON.parse((await vikhr(["search", "ветер с моря", "--json"])).stdout);
    expect(hit).toMatchObject({ source: join(docs, "wind.md"), rank: 1 });
  });

  test("whose embedding model is away is searched by words, and sources are removed", async () => {
    const server = createServer((request, response) => {
      let body = "";
      request.on("data", (piece) => {
        body += piece;
      });
      request.on("end", () => {
        const { input } = JSON.parse(body) as { input: string[] };
        const data = input.map((_, index) => ({ index, embedding: [1, index] }));
        response.setHeader("content-type", "application/json").end(JSON.stringify({ data }));
      });
    });
    onTestFinished(() => void server.close());
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    const model = `e5@http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
    const files = ["docs/ice.md", "docs/sea.txt"];
    expect((await vikhr(["add", ...files, "--embedding-model", model])).stdout).toContain("2 added");
    server.closeAllConnections();
    await new Promise((done) => server.close(done));

    for (const args of [
      ["search", "sea level", "--json"],
      ["ask", "How much did the sea level at Port Arden rise?", "--json", "--model", "quotes"],
    ]) {
      const run = await vikhr(args);
      expect(run.code).toBe(0);
      expect(run.stdout).toContain("9 centimetres");
      expect(run.stderr.trim().split("\n")).toHaveLength(1);
      expect(run.stderr).toContain(`searching by words alone: the embedding model ${model} of default`);
      expect(run.stderr).not.toContain("--base-url");
    }
    expect(await vikhr(["sync"])).toMatchObject({ code: 0, stderr: "" });
    // What is new needs the model, and keeps nothing from being removed.
    write("sea.txt", "The sea level at Port Arden rose by 11 centimetres.");
    const removed = await vikhr(["remove", "docs/ice.md"]);
    expect(removed).toMatchObject({ code: 0, stderr: "" });
    expect(removed.stdout).toContain("0 replaced, 1 removed");
    const failed = await vikhr(["sync"]);
    expect(failed.code).toBe(3);
    expect(failed.stderr).toContain(`vikhr: default: the embedding model ${model} of default cannot be used`);
    const [listed] = JSON.parse((await vikhr(["collections", "--json"])).stdout);
    expect(listed).toMatchObject({ documents: 1, sources: [join(docs, "sea.txt")] });
  });

  test("is followed by --watch until Ctrl-C", async () => {
    await vikhr(["add", "docs"]);
    let wrote = false;
    const run = await vikhr(["sync", "--watch"], {
      onOutput(text, child) {
        if (text.includes("watching") && !wrote) {
          wrote = true;
          mkdirSync(join(docs, "new"));
          write("new/wind.md", "Ветер дует с моря.");
        }
        if (text.includes("1 added")) process.kill(-child.pid!, "SIGINT");
      },
    });
    expect(run.code).toBe(0);
    expect(JSON.parse((await vikhr(["search", "ветер", "--json"])).stdout)).toHaveLength(1);
  });
});

/** Runs `sync --watch`: each step is done when its text has come, of stdout or stderr; after the last one, Ctrl-C. */
async function watching(steps: [text: string, then: () => unknown][]) {
  const left = [...steps];
  let seen = 0;
  return vikhr(["sync", "--watch"], {
    onOutput(text, child) {
      const at = left.length > 0 ? text.indexOf(left[0]![0], seen) : -1;
      if (at < 0) return;
      const [said, then] = left.shift()!;
      seen = at + said.length;
      then();
      if (left.length === 0) process.kill(-child.pid!, "SIGINT");
    },
  });
}

describe("sync --watch", () => {
  test("stays where there is nothing to watch, and watches what is linked meanwhile", async () => {
    await vikhr(["add", "docs"]);
    await vikhr(["remove", "docs"]);
    const addNew = () => vikhr(["add", "docs", "--collection", "new"]);
    const run = await watching([
      ["there is no file or folder to watch yet", () => addNew().then(() => write("wind.md", "Ветер."))],
      ["new: 1 added", () => undefined],
    ]);
    expect(run).toMatchObject({ code: 0, stderr: expect.not.stringContaining("writes") });
  });

  test("names what cannot be read once, a folder that goes, and sees one that comes again", async () => {
    await vikhr(["add", "docs"]);
    const makeAgain = () => {
      mkdirSync(docs);
      write("new.md", "Новое.");
    };
    const run = await watching([
      ["watching", () => write("locked.pdf", LOCKED_PDF)],
      ["locked.pdf: it is protected", () => write("sea.txt", "The sea.")],
      ["1 replaced", () => rmSync(docs, { recursive: true })],
      ["there is no such file", makeAgain],
      ["1 added, 0 replaced, 2 removed", () => undefined],
    ]);
    expect(run.code).toBe(0);
    expect(run.stdout.match(/there is no such file/g)).toHaveLength(1);
  });
});

test("a folder of other kinds of files, and files of those kinds, are not read without a word", async () => {
  mkdirSync(join(root, "old"));
  for (const name of ["a.doc", "b.doc", "c.odt", "Dockerfile"]) writeFileSync(join(root, "old", name), "x");
  writeFileSync(join(root, "old/d.rtf"), "{\\rtf1 x}");
  expect((await vikhr(["add", "old"])).stdout).toContain(
    "0 added, 0 replaced, 0 removed, 0 unchanged; 0 chunks written\npassed over: 5 files of kinds that are not read, such as .doc, ",
  );
  const named = await vikhr(["add", "old/d.rtf", "old/Dockerfile"]);
  expect(named).toMatchObject({ code: 3, stdout: expect.stringContaining("1 added") });
  expect(named.stdout).toContain("old/d.rtf: files of this kind are not read");
});

describe("hostile and broken files", () => {
  test("are named with their reason, do not stop the rest, and the exit code is 3", async () => {
    write("empty.md", "");
    write("noise.pdf", "%PDF-1.7 and then nothing");
    write("locked.pdf", LOCKED_PDF);
    write("bomb.docx", bomb("word/document.xml"));
    write("bomb.epub", bomb("META-INF/container.xml"));
    write("five-gigabytes.txt", "");
    truncateSync(join(docs, "five-gigabytes.txt"), 5 * 1024 ** 3);
    symlinkSync(".", join(docs, "loop"));
    const run = await vikhr(["add", "docs", "--json"]);
    expect(run.code).toBe(3);
    const { added, failed } = JSON.parse(run.stdout) as {
      added: number;
      failed: { path: string; reason: string }[];
    };
    expect(added).toBe(2);
    const reasons = Object.fromEntries(
      failed.map(({ path, reason }) => [path.slice(docs.length + 1), reason]),
    );
    expect(reasons).toEqual({
      "bomb.docx": "it unpacks to more than can be read",
      "bomb.epub": "it unpacks to more than can be read",
      "empty.md": "it is empty",
      "five-gigabytes.txt": expect.stringContaining("it has 5368709120 bytes"),
      "locked.pdf": "it is protected by a password",
      "noise.pdf": expect.stringContaining("it is damaged"),
    });
    expect(JSON.parse((await vikhr(["search", "sea level", "--json"])).stdout)).toHaveLength(1);
  });
});

test("Ctrl-C ends the wait for a page; what was read before is kept", async () => {
  let stop = () => {};
  // It never answers.
  const server = createServer(() => stop());
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const page = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const run = await vikhr(["add", "docs", page, "--allow-private"], {
    onStart(child) {
      stop = () => process.kill(-child.pid!, "SIGINT");
    },
  });
  server.close();
  expect(run).toMatchObject({ code: 130, stdout: "" });
  expect(run.stderr).toContain("stopped; vikhr sync goes on from there");
  expect(JSON.parse((await vikhr(["search", "sea level", "--json"])).stdout)).toHaveLength(1);
});

test("Ctrl-C ends the reading of a file; what was read before is kept", async () => {
  write("wind.pdf", bombPdf(512));
  let timer: NodeJS.Timeout | undefined;
  const run = await vikhr(["add", "docs"], {
    onStart({ pid }) {
      timer = setInterval(() => {
        // The process that reads it is there.
        if (readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8") === "") return;
        clearInterval(timer);
        process.kill(-pid!, "SIGINT");
      }, 20);
    },
  });
  expect(run).toMatchObject({ code: 130, stdout: "" });
  expect(JSON.parse((await vikhr(["search", "sea level", "--json"])).stdout)).toHaveLength(1);
});

describe("several collections", () => {
  const inCollections = (...names: string[]) => join(root, "data", "collections", ...names);
  const lines = (text: string) => text.trim().split("\n");
  beforeEach(async () => {
    for (const name of ["a", "b", "c"]) await vikhr(["add", "docs/sea.txt", "-C", name]);
  });

  test("one that is damaged does not stop the others, and is told in a line of its own", async () => {
    writeFileSync(inCollections("a", "collection.json"), "{");
    const versions = inCollections("b", "index", "chunks.lance", "_versions");
    for (const name of readdirSync(versions)) writeFileSync(join(versions, name), "");
    const told = [
      expect.stringMatching(/^vikhr: a: .*collection\.json is damaged/),
      `vikhr: b: the index in ${inCollections("b", "index")} is damaged: vikhr remove --all -C b, and adding again, makes it anew`,
    ];
    for (const command of ["collections", "sync"]) {
      const run = await vikhr([command]);
      expect(run.code).toBe(3);
      expect(lines(run.stderr)).toEqual(told);
      expect(run.stdout).toMatch(/^c\b[^\n]*1 [^\n]*\n$/);
    }
    expect(JSON.parse((await vikhr(["collections", "--json"])).stdout)).toEqual([
      { name: "a", problem: expect.stringContaining("is damaged") },
      { name: "b", problem: expect.stringContaining("is damaged") },
      { name: "c", documents: 1, sources: [join(docs, "sea.txt")] },
    ]);
    for (const [name, code] of [
      ["a", 2],
      ["b", 1],
    ] as const) {
      const run = await vikhr(["sync", "-C", name]);
      expect(run).toMatchObject({ code, stdout: "" });
      expect(lines(run.stderr)).toEqual([expect.stringContaining("is damaged")]);
      expect((await vikhr(["remove", "--all", "-C", name])).code).toBe(0);
      expect((await vikhr(["add", "docs/sea.txt", "-C", name])).stdout).toContain("1 added");
    }
    expect((await vikhr(["sync"])).code).toBe(0);
  });

  test("one that another process writes to does not stop the others", async () => {
    const unlock = await new Collection("b", inCollections()).lock();
    const run = await vikhr(["sync", "--json"]);
    await unlock();
    expect(run.code).toBe(3);
    expect(lines(run.stderr)).toEqual([expect.stringMatching(/^vikhr: b: .*a change of the collection b/)]);
    expect(lines(run.stdout).map((line) => JSON.parse(line))).toEqual([
      expect.objectContaining({ collection: "a", unchanged: 1 }),
      { collection: "b", problem: expect.any(String) },
      expect.objectContaining({ collection: "c", unchanged: 1 }),
    ]);
  });

  test("--all takes no paths, and answers programs in JSON", async () => {
    const both = await vikhr(["remove", "docs/sea.txt", "--all", "-C", "a"]);
    expect(both).toMatchObject({ code: 2, stdout: "" });
    expect(lines(both.stderr)).toHaveLength(1);
    expect(JSON.parse((await vikhr(["sync", "-C", "a", "--json"])).stdout)).toMatchObject({ unchanged: 1 });
    const removed = await vikhr(["remove", "--all", "-C", "a", "--json"]);
    expect(JSON.parse(removed.stdout)).toEqual({ collection: "a", deleted: true });
  });
});

test("a place that cannot be written to", async () => {
  const run = await vikhr(["add", "docs"], { env: { VIKHR_DATA: join(docs, "sea.txt") } });
  expect(run.code).toBe(2);
  expect(run.stderr).toMatch(/^vikhr: cannot write to .*sea\.txt.*: choose another place\n$/);
});

describe("bad input: one line that says what to do, exit code 2", () => {
  const cases: [string[], string][] = [
    [["add", "nowhere"], "cannot read nowhere"],
    [["add", "docs", "--collection", "../other"], "no name for a collection"],
    [["add", "docs", "docs/*.pdf"], "docs/*.pdf matches no file: check the pattern"],
    [["add", "docs", "http://"], "cannot read http://: it is no address"],
    [
      ["add", "http://anna:secret@example.org/"],
      "cannot read http://...@example.org/: addresses with a name",
    ],
    [["add", "ftp://example.org/a"], "only http:// and https:// addresses are read"],
    [["sync"], "there is no collection yet"],
    [["search", "ice", "--collection", "none"], "there is no collection none"],
    [["remove", "docs"], "there is no collection default"],
    [["search", " "], "the query is empty"],
    [["ask", "Что?"], "there is nothing to ask"],
    [["ask", "Что?", "-C", "none"], "there is no collection none"],
  ];
  for (const [args, said] of cases)
    test(args.join(" "), async () => {
      const run = await vikhr(args);
      expect(run.code).toBe(2);
      expect(run.stdout).toBe("");
      expect(run.stderr).toContain(said);
      expect(run.stderr.trim().split("\n")).toHaveLength(1);
      expect((await vikhr(["collections"])).stdout).toBe("");
    });
});

/** A few hundred kilobytes that unpack to 300 MB. */
function bomb(name: string): Uint8Array {
  const zeros = new Uint8Array(300 * 1024 * 1024).fill(0x20);
  return zipSync({ "[Content_Types].xml": strToU8("<Types/>"), [name]: zeros }, { level: 6 });
}

/**
 * One empty page under the standard's oldest encryption (40 bits); the checks of the password fit none that is empty.
 */
const LOCKED_PDF = `%PDF-1.4
1 0 obj << /Type /Catalog /Pages 2 0 R >> endobj
2 0 obj << /Type /Pages /Kids [3 0 R] /Count 1 >> endobj
3 0 obj << /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] >> endobj
4 0 obj << /Filter /Standard /V 1 /R 2 /P -4 /O <${"41".repeat(32)}> /U <${"42".repeat(32)}> >> endobj
trailer << /Root 1 0 R /Encrypt 4 0 R /ID [<${"43".repeat(16)}> <${"43".repeat(16)}>] /Size 5 >>
%%EOF`;
