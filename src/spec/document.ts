/** Documents handed to a grounded answer, and the citations that lead back into them. */

/** A document of one grounded prompt. On the wire and on disk it is `{doc_id, title, content}`. */
export interface GroundingDocument {
  /** Unique within one question; any non-negative integer. */
  docId: number;
  title: string | null;
  /** Markdown, HTML or plain text; at most `MAX_DOCUMENT_CHARACTERS` UTF-16 code units. */
  content: string;
  /** What it is a piece of; models are not told. */
  source?: string;
}

/** A half-open range of UTF-16 code units: `text.slice(start, end)`. */
export interface Span {
  start: number;
  end: number;
}

/** The place in a document's `content` which supports a sentence. */
export interface CitationSource extends Span {
  docId: number;
}

/** One sentence of an answer (`start`, `end` in the answer) and what supports it; no sources: unsupported. */
export interface Citation extends Span {
  text: string;
  sources: CitationSource[];
}

/** How a text is written; models take all of them as they are. */
export type TextFormat = "markdown" | "html" | "code" | "plain";

/** A whole text as it was read from a file or a page of the web. */
export interface Document {
  /** An absolute path or an address: what tells it from others. */
  source: string;
  title: string | null;
  format: TextFormat;
  /** What all offsets count in. */
  text: string;
  /** Where the pages of a paged file begin in `text`: ascending, the first at 0. */
  pageStarts?: readonly number[];
}

/** A piece of a document, small enough for a prompt: `document.text.slice(start, end) === text`. */
export interface Chunk extends Span {
  source: string;
  /** The document's title and the headings above the piece: "Guide > Install". */
  title: string | null;
  format: TextFormat;
  /** At most `MAX_DOCUMENT_CHARACTERS` UTF-16 code units. */
  text: string;
  /** From 1, where the document has pages. */
  page?: number;
}
