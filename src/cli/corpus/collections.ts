/** `vikhr collections`: which there are, and what is in them. */
import { EXIT } from "../../errors.ts";
import { Collection, listCollections } from "../../index/collections.ts";
import { terminalJson, terminalLine } from "../../util/terminal-text.ts";
import { sayProblem } from "./say-problem.ts";

interface Listed {
  name: string;
  documents: number;
  sources: string[];
}

/** The exit code: 3 where some cannot be opened, which does not hide the others. */
export async function collections(flags: Record<string, unknown>): Promise<number> {
  const found: (Listed | { name: string; problem: string })[] = [];
  let code: number = EXIT.ok;
  for (const name of listCollections())
    try {
      const listed = await describe(name);
      found.push(listed);
      if (!flags.json) process.stdout.write(`${line(listed)}\n`);
    } catch (error) {
      found.push({ name, problem: sayProblem(name, error, flags) });
      code = EXIT.partly;
    }
  if (flags.json) process.stdout.write(`${terminalJson(found)}\n`);
  else if (found.length === 0)
    process.stderr.write("vikhr: there is no collection yet: vikhr add <folder> makes one\n");
  return code;
}

async function describe(name: string): Promise<Listed> {
  const collection = new Collection(name);
  const sources = collection.contents().sources.map(({ location }) => location);
  const index = await collection.openIndex();
  try {
    return { name, documents: (await index.documents()).length, sources };
  } finally {
    await index.close();
  }
}

const line = ({ name, documents, sources }: Listed) =>
  terminalLine(`${name}  ${documents} documents  ${sources.join(", ")}`);
