/** The path of a folder or a file, or an address, in; which sources are it or lie below it out. */

export interface SourcesBelow {
  /** The source is one of these, */
  exact: readonly string[];
  /** or begins with one of these. */
  beginnings: readonly string[];
}

/** "/docs2/x.md" does not lie below "/docs". A name may be stored as NFC or as NFD, and is typed as the other. */
export function sourcesBelow(path: string): SourcesBelow {
  const place = path.replace(/\/+$/, "");
  const exact = [...new Set([place, place.normalize("NFC"), place.normalize("NFD")])];
  return { exact, beginnings: exact.map((one) => `${one}/`) };
}
