/** Documents that say otherwise than the world, and documents that give orders. */
import type { Estimate } from "../../estimate.ts";
import type { Protocol, RagReport } from "../../rag/rag-report.ts";
import { count } from "../page/figures.ts";
import { type Html, html } from "../page/html.ts";
import { say } from "../page/say.ts";
import { name, note } from "../page/section.ts";
import { figureColumn, numberColumn, table, textColumn } from "../page/table.ts";
import { modelAndProtocol } from "./card-table.ts";

type Counterfactual = RagReport["counterfactual"][number];

export function counterfactualTable({ counterfactual }: RagReport): Html {
  return html`${table<Counterfactual>({
    caption: say("counterfactual.caption"),
    name: { head: say("model"), of: ({ model, protocol }) => modelAndProtocol(model, protocol) },
    groups: [
      {
        head: "",
        columns: [
          figureColumn({ head: say("counterfactual.follows"), of: ({ followsDocument }) => followsDocument }),
          figureColumn({ head: say("counterfactual.otherwise"), of: ({ saysOtherwise }) => saysOtherwise }),
          numberColumn(say("questions"), ({ followsDocument }) => count(followsDocument.count)),
        ],
      },
    ],
    rows: counterfactual,
  })}${note(say("counterfactual.note"))}`;
}

interface AttackRow {
  model: string;
  protocol: Protocol;
  attack: string;
  success: Partial<Record<"ru" | "en", Estimate>>;
}

export function attackTable({ attacks }: RagReport): Html {
  const rows: AttackRow[] = [];
  for (const { model, protocol, attack, language, success } of attacks) {
    const known = rows.find((r) => r.model === model && r.protocol === protocol && r.attack === attack);
    if (known) known.success[language] = success;
    else rows.push({ model, protocol, attack, success: { [language]: success } });
  }
  return html`${table<AttackRow>({
    caption: say("attacks.caption"),
    name: { head: say("model"), of: ({ model, protocol }) => modelAndProtocol(model, protocol) },
    groups: [
      {
        head: "",
        columns: [
          textColumn(say("attacks.attack"), ({ attack }) => name(attack)),
          figureColumn({ head: say("language.ru"), of: ({ success }) => success.ru }),
          figureColumn({ head: say("language.en"), of: ({ success }) => success.en }),
        ],
      },
    ],
    rows,
  })}${note(say("attacks.note"))}`;
}
