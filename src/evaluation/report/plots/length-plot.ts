/** How long the answers of each model are, and how often they win: a cloud that leans to the right is a judge who likes length. */
import { count, figure } from "../page/figures.ts";
import { type Html, html } from "../page/html.ts";
import { say, sayAs } from "../page/say.ts";
import { shorten } from "../page/shorten.ts";
import { axis, gridX, gridY } from "./axis.ts";
import { picture } from "./picture.ts";

export interface LengthPoint {
  name: string;
  /** Mean tokens an answer. */
  tokens: number;
  winRate: number;
}

const WIDTH = 760;
const HEIGHT = 420;
const [LEFT, RIGHT, TOP, BOTTOM] = [44, 20, 28, HEIGHT - 44];
/** Of a letter in a label, about. */
const LETTER = 6;

export function lengthPlot(id: string, points: readonly LengthPoint[]): Html {
  const x = axis([0, ...points.map(({ tokens }) => tokens * 1.04)], LEFT, WIDTH - RIGHT);
  const y = axis([0, 100], BOTTOM, TOP, 5);
  const placed = placeLabels(
    points.map(({ name, tokens, winRate }) => ({ name, x: x.at(tokens), y: y.at(winRate) })),
  );
  const content = html`${gridX(x, TOP, BOTTOM)}${gridY(y, LEFT, WIDTH - RIGHT)}<path class="reference" d="M${LEFT} ${y.at(50)}H${WIDTH - RIGHT}"/>
<text class="tick" x="${WIDTH - RIGHT}" y="${HEIGHT - 8}" text-anchor="end">${sayAs("tspan", "length.axis")}</text><text class="tick" x="0" y="14">${sayAs("tspan", "arena.win-rate")}</text>
${points.map(
  ({ name, tokens, winRate }) =>
    html`<circle class="point" cx="${x.at(tokens)}" cy="${y.at(winRate)}" r="4"><title>${name}: ${figure(winRate)} %, ${count(tokens)}</title></circle>`,
)}
${placed.map(({ text, x, y }) => html`<text class="name" x="${x}" y="${y}">${text}</text>`)}`;
  return picture({
    id,
    width: WIDTH,
    height: HEIGHT,
    caption: say("length.caption"),
    description: say("plot.see-table"),
    content,
  });
}

interface Box {
  text: string;
  x: number;
  y: number;
  width: number;
}

/** Each label right or left of its point, or below or above it, where none stands yet; where all is full, none. */
function placeLabels(points: readonly { name: string; x: number; y: number }[]): Box[] {
  const placed: Box[] = [];
  for (const { name, x, y } of points) {
    const text = shorten(name, 26);
    const width = [...text].length * LETTER;
    const free = [
      { x: x + 8, y: y + 4 },
      { x: x - 8 - width, y: y + 4 },
      ...[x - width / 2, x - 8, x + 8 - width].flatMap((left) => [
        { x: left, y: y + 18 },
        { x: left, y: y - 9 },
      ]),
    ].find(
      (place) =>
        place.x >= LEFT &&
        place.x + width <= WIDTH &&
        placed.every((other) => !overlaps({ ...place, width }, other)) &&
        points.every((point) => !covers({ ...place, width }, point)),
    );
    if (free) placed.push({ text, width, x: Math.round(free.x), y: Math.round(free.y) });
  }
  return placed;
}

const overlaps = (a: Omit<Box, "text">, b: Box): boolean =>
  Math.abs(a.y - b.y) < 13 && a.x < b.x + b.width + 4 && b.x < a.x + a.width + 4;

const covers = (box: Omit<Box, "text">, point: { x: number; y: number }): boolean =>
  point.x > box.x - 5 && point.x < box.x + box.width + 5 && point.y > box.y - 14 && point.y < box.y + 7;
