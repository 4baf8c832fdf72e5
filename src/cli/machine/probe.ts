/** Native code tried in a process of its own: one that ends that process is a finding, too. */
import { lastWords, runChild } from "../../util/process/run-child.ts";
import type { Finding, ProbeInput } from "./doctor-worker.ts";

export async function probe(input: ProbeInput): Promise<Finding> {
  let finding: Finding | undefined;
  const end = await runChild(new URL("./doctor-worker.ts", import.meta.url), {
    input,
    onMessage: (message) => {
      finding = message as Finding;
    },
  });
  return finding ?? { status: "fail", detail: `the check ended its process: ${lastWords(end)}` };
}
