/** `vikhr collections`: which there are, and what is in them. */
import { EXIT } from "../../errors.ts";
import { Collection, listCollections } from "../../index/collections.ts";
import { terminalJson, terminalLine } from "../../util/terminal-text.ts";

export async function collections(flags: Record<string, unknown>): Promise<number> {
  const found: { name: string; documents: number; sources: string[] }[] = [];
  for (const name of listCollections()) {
    const collection = new Collection(name);
    const index = await collection.openIndex();
    const documents = (await index.documents()).length;
    await index.close();
    found.push({ name, documents, sources: collection.contents().sources.map(({ location }) => location) });
  }
  if (flags.json) process.stdout.write(`${terminalJson(found)}\n`);
  else if (found.length === 0)
    process.stderr.write("vikhr: there is no collection yet: vikhr add <folder> makes one\n");
  else
    for (const { name, documents, sources } of found)
      process.stdout.write(`${terminalLine(`${name}  ${documents} documents  ${sources.join(", ")}`)}\n`);
  return EXIT.ok;
}
