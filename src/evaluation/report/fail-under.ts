/** Thresholds that a report must reach, for the exit code of a build. */
import { InputError } from "../../errors.ts";
import { printable } from "../../util/printable.ts";
import type { ArenaReport } from "../arena/arena-report.ts";
import type { Interval } from "../estimate.ts";
import type { RagReport } from "../rag/rag-report.ts";
import type { Report } from "./report.ts";

export interface FailedThreshold {
  /** As it was given. */
  threshold: string;
  model: string;
  /** Where in the report the figure stands, such as in_domain and two-step. */
  qualifiers: string[];
  /** The end of the interval that does not reach it, or NaN. */
  bound: number;
}

interface Measured {
  model: string;
  metric: string;
  qualifiers: string[];
  interval: Interval;
}

interface Threshold {
  model: string;
  metric: string;
  qualifiers: string[];
  isMinimum: boolean;
  value: number;
}

/**
 * A threshold is `model.metric>=value` or `model.metric<=value`: of `>=` the lower end of the 95 % interval must reach
 * the value, of `<=` the upper end, so that chance alone does not pass. The model may have dots and slashes, the
 * metric has none; `*` stands for every model. Qualifiers after the metric choose among its figures; without them all
 * of them must pass:
 *
 *     vikhr-nano.win_rate>=55
 *     *.id_recall/in_domain/two-step>=90
 *     vikhr-nano.attack_success/ru<=5
 *
 * Arena: rating, win_rate (by question), length_controlled_win_rate, style_controlled_rating. RAG: all its metrics
 * (/protocol, /domain), follows_document and says_otherwise (/protocol), attack_success (/protocol, /attack, /ru, /en),
 * calibration_error. Throws an InputError for a threshold that says nothing about any figure of the reports.
 */
export function failUnder(reports: readonly Report[], thresholds: readonly string[]): FailedThreshold[] {
  const all = reports.flatMap((report) =>
    report.kind === "arena" ? arenaFigures(report) : ragFigures(report),
  );
  return thresholds.flatMap((text) => {
    const { isMinimum, value, ...wanted } = parseThreshold(text);
    const figures = all.filter((figure) => isMeant(figure, wanted));
    if (figures.length === 0) throw nothingMeant(text, wanted, all);
    return figures.flatMap(({ model, qualifiers, interval }) => {
      const bound = isMinimum ? interval.low : interval.high;
      const isReached = isMinimum ? bound >= value : bound <= value;
      return isReached ? [] : { threshold: text, model, qualifiers, bound };
    });
  });
}

const SYNTAX = /^(.+)\.(\w+)((?:\/[^/<>=]+)*?)\s*(>=|<=)\s*(-?\d+(?:\.\d+)?)$/s;

function parseThreshold(text: string): Threshold {
  const match = SYNTAX.exec(text.trim());
  if (!match)
    throw new InputError(
      `"${printable(text)}" is no threshold: write model.metric>=value or model.metric<=value, such as vikhr-nano.win_rate>=55`,
    );
  const [, model, metric, qualifiers, sign, value] = match;
  return {
    model: model!,
    metric: metric!,
    qualifiers: qualifiers!.split("/").slice(1),
    isMinimum: sign === ">=",
    value: Number(value),
  };
}

function isMeant(
  figure: Measured,
  { model, metric, qualifiers }: Omit<Threshold, "isMinimum" | "value">,
): boolean {
  return (
    (model === "*" || figure.model === model) &&
    figure.metric === metric &&
    qualifiers.every((qualifier) => figure.qualifiers.includes(qualifier))
  );
}

function nothingMeant(
  text: string,
  wanted: { model: string; metric: string },
  all: readonly Measured[],
): InputError {
  const ofModel = all.filter(({ model }) => wanted.model === "*" || model === wanted.model);
  const ofMetric = ofModel.filter(({ metric }) => metric === wanted.metric);
  const list = (names: readonly string[]) =>
    [...new Set(names)].map((name) => printable(name, 60)).join(", ");
  const known =
    ofModel.length === 0
      ? `the models are ${list(all.map(({ model }) => model))}`
      : ofMetric.length === 0
        ? `the metrics are ${list(ofModel.map(({ metric }) => metric))}`
        : `what can be chosen is ${list(ofMetric.flatMap(({ qualifiers }) => qualifiers))}`;
  return new InputError(`the threshold "${printable(text)}" is about nothing that was measured: ${known}`);
}

function arenaFigures({ leaderboard }: ArenaReport): Measured[] {
  return leaderboard.flatMap(
    ({ model, ratingIntervals, winRateIntervals, lengthControlled, styleControlled }) => {
      const intervals: [string, Interval | undefined][] = [
        ["rating", ratingIntervals.byQuestion],
        ["win_rate", winRateIntervals.byQuestion],
        ["length_controlled_win_rate", lengthControlled?.winRateIntervals.byQuestion],
        ["style_controlled_rating", styleControlled?.interval],
      ];
      return intervals.flatMap(([metric, interval]) =>
        interval ? [{ model, metric, qualifiers: [], interval }] : [],
      );
    },
  );
}

function ragFigures({ rows, counterfactual, attacks, calibration }: RagReport): Measured[] {
  return [
    ...rows.flatMap(({ model, protocol, domain, metrics }) =>
      Object.entries(metrics).map(([metric, { interval }]) => ({
        model,
        metric,
        qualifiers: [protocol, domain],
        interval,
      })),
    ),
    ...counterfactual.flatMap(({ model, protocol, followsDocument, saysOtherwise }) => [
      { model, metric: "follows_document", qualifiers: [protocol], interval: followsDocument.interval },
      { model, metric: "says_otherwise", qualifiers: [protocol], interval: saysOtherwise.interval },
    ]),
    ...attacks.map(({ model, protocol, attack, language, success }) => ({
      model,
      metric: "attack_success",
      qualifiers: [protocol, attack, language],
      interval: success.interval,
    })),
    ...calibration.map(({ model, error }) => ({
      model,
      metric: "calibration_error",
      qualifiers: [],
      interval: error.interval,
    })),
  ];
}
