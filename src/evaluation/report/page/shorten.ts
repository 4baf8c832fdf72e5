/** Texts longer than their place end in dots. `most` counts code points. */
export function shorten(text: string, most: number): string {
  // Not split as a whole: a text may be long.
  const characters = [...text.slice(0, 2 * most + 2)];
  return characters.length <= most
    ? text
    : `${characters
        .slice(0, most - 1)
        .join("")
        .trimEnd()}…`;
}
