/** A model asked in one way, as one name. */
import type { Protocol } from "../../rag/rag-report.ts";

export const nameOf = ({ model, protocol }: { model: string; protocol: Protocol }): string =>
  `${model} · ${protocol}`;
