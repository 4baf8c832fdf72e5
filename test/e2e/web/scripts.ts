/** Documents and what a good model would say about them, in both languages. */
import type { FakeDocument, Scripted } from "./fake-server.ts";

const pages = (...texts: string[]) => {
  let at = 0;
  const pageStarts = texts.map((text) => {
    const start = at;
    at += text.length;
    return start;
  });
  return { text: texts.join(""), pageStarts };
};

export interface Scene {
  documents: FakeDocument[];
  question: string;
  /** Nothing in the documents answers it. */
  unanswered: string;
  answer: Scripted;
}

export const SCENES: Record<"en" | "ru", Scene> = {
  en: {
    documents: [
      {
        title: "Voyager mission report",
        source: "/home/ada/missions/voyager-report.pdf",
        format: "plain",
        ...pages(
          "Launch\n\nVoyager 2 was launched first, on 20 August 1977. Voyager 1 followed on 5 September and overtook it in the asteroid belt.\n\n",
          "The planets\n\nBoth probes flew past Jupiter in 1979 and past Saturn within two years. Only Voyager 2 went on to Uranus, in January 1986, and to Neptune, in August 1989.\n\nAt Neptune it discovered geysers of nitrogen on the moon Triton.\n\n",
          "Beyond the planets\n\nOn 25 August 2012 Voyager 1 became the first spacecraft to cross the heliopause and enter interstellar space. Voyager 2 followed on 5 November 2018.\n",
        ),
      },
      {
        title: "The Golden Record",
        source: "/home/ada/missions/golden-record.md",
        format: "markdown",
        text: "# The Golden Record\n\nEach probe carries a gold-plated copper disc with greetings in 55 languages, 115 images and about 90 minutes of music.\n\nThe committee that chose its contents was led by Carl Sagan.\n",
      },
      {
        title: "Deep Space Network, opening hours of the visitor centre",
        source: "https://example.org/dsn/visitors",
        format: "html",
        text: "<h1>Visitors</h1><p>The centre is open from 9 to 17.</p>",
      },
      {
        title: "Budget 1977",
        source: "/home/ada/missions/budget.txt",
        format: "plain",
        text: "Figures of the year.\n",
      },
    ],
    question: "Which planets did only Voyager 2 visit, and what do the probes carry?",
    unanswered: "Who paid for lunch?",
    answer: {
      relevance: { "Voyager mission report": 0.97, "The Golden Record": 0.83, "Budget 1977": 0.06 },
      sentences: [
        {
          text: "Only Voyager 2 went on to **Uranus**, in January 1986, and to **Neptune**, in August 1989.",
          quotes: [
            [
              "Voyager mission report",
              "Only Voyager 2 went on to Uranus, in January 1986, and to Neptune, in August 1989.",
            ],
          ],
        },
        {
          text: "At Neptune it found geysers of nitrogen on the moon Triton.",
          quotes: [
            ["Voyager mission report", "At Neptune it discovered geysers of nitrogen on the moon Triton."],
          ],
        },
        { text: "It took the most famous pictures of both.", quotes: [] },
        {
          before: "\n\nBoth probes carry a golden record:\n\n- ",
          text: "greetings in 55 languages, 115 images and some 90 minutes of music;",
          quotes: [
            [
              "The Golden Record",
              "Each probe carries a gold-plated copper disc with greetings in 55 languages, 115 images and about 90 minutes of music.",
            ],
          ],
        },
        {
          before: "\n- ",
          text: "chosen by a committee that Carl Sagan led.",
          quotes: [["The Golden Record", "The committee that chose its contents was led by Carl Sagan."]],
        },
      ],
    },
  },
  ru: {
    documents: [
      {
        title: "Байкал: справочник",
        source: "/home/ada/baikal/справочник.pdf",
        format: "plain",
        ...pages(
          "Глубина и вода\n\nБайкал — самое глубокое озеро в мире: до дна в его средней котловине 1642 метра. В нём около 23 600 кубических километров воды.\n\n",
          "Реки\n\nВ озеро впадает более 300 рек и ручьёв, и крупнейшая из них — Селенга, которая приносит около половины воды. Вытекает же из Байкала только одна река, Ангара.\n\n",
        ),
      },
      {
        title: "Животные Байкала",
        source: "/home/ada/baikal/животные.md",
        format: "markdown",
        text: "# Животные Байкала\n\nБайкальская нерпа — единственное млекопитающее озера. Она питается главным образом голомянкой.\n",
      },
      {
        title: "Расписание теплоходов",
        source: "/home/ada/baikal/теплоходы.txt",
        format: "plain",
        text: "Порт Байкал — Листвянка: ежедневно.\n",
      },
    ],
    question: "Какая река вытекает из Байкала и чем питается нерпа?",
    unanswered: "Сколько стоит обед?",
    answer: {
      relevance: { "Байкал: справочник": 0.98, "Животные Байкала": 0.91, "Расписание теплоходов": 0.04 },
      sentences: [
        {
          text: "Из Байкала вытекает только одна река — **Ангара**.",
          quotes: [["Байкал: справочник", "Вытекает же из Байкала только одна река, Ангара."]],
        },
        {
          text: "Нерпа питается главным образом голомянкой.",
          quotes: [["Животные Байкала", "Она питается главным образом голомянкой."]],
        },
        { text: "Это одна из самых известных рек Сибири.", quotes: [] },
        {
          before: "\n\nВпадает же в озеро гораздо больше: ",
          text: "более 300 рек и ручьёв, и крупнейшая из них — Селенга.",
          quotes: [
            ["Байкал: справочник", "В озеро впадает более 300 рек и ручьёв, и крупнейшая из них — Селенга"],
          ],
        },
      ],
    },
  },
};
