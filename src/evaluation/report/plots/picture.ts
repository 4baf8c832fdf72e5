/** The frame of every plot: a figure whose caption is its name for those who cannot see it. */
import { type Html, html } from "../page/html.ts";

export interface Picture {
  /** Ours, and the only one in the page. */
  id: string;
  width: number;
  height: number;
  caption: Html;
  /** What a reader without the picture needs to know, in a sentence. */
  description?: Html;
  content: Html;
}

/** Wider ones scroll on small screens; others fit. Units of the picture, which are pixels on large screens. */
const FITS = 400;

export function picture({ id, width, height, caption, description, content }: Picture): Html {
  const svg = html`<svg viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-labelledby="${id}-caption"${
    description && html` aria-describedby="${id}-description"`
  }>${content}</svg>`;
  return html`<figure><figcaption id="${id}-caption">${caption}</figcaption>
${width > FITS ? html`<div class="scroll" tabindex="0">${svg}</div>` : svg}${
  description && html`<p class="unseen" id="${id}-description">${description}</p>`
}</figure>
`;
}
