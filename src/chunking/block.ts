/** What the readers of each format make of a text: blocks in the order of the text, which never overlap. */
import type { Span } from "../spec/document.ts";

export interface Block extends Span {
  /** Begins a section. Level 1 is the highest. */
  heading?: { level: number; title: string };
  /** Nothing before it may share a chunk with it: between them is what nobody reads, or a page ends. */
  apart?: boolean;
  /** Smaller blocks that cover it, for when it is too long; asked for only then. */
  divide?: () => readonly Block[];
}
