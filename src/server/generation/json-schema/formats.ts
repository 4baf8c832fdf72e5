/** The formats of JSON Schema that are enforced, as patterns; others are notes to the reader, as the standard has it. */

const DATE =
  "\\d{4}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12]\\d|3[01])|(?:0[469]|11)-(?:0[1-9]|[12]\\d|30)|02-(?:0[1-9]|1\\d|2[0-8]))";
/** Of years that 4 divides and 100 does not, or 400 does. */
const LEAP_DAY = "(?:\\d\\d(?:0[48]|[2468][048]|[13579][26])|(?:[02468][048]|[13579][26])00)-02-29";
const CLOCK = "(?:[01]\\d|2[0-3]):[0-5]\\d:[0-5]\\d(?:\\.\\d{1,9})?";
const OFFSET = "(?:Z|[+-](?:[01]\\d|2[0-3]):[0-5]\\d)";
const BYTE = "(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)";
const LABEL = "[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?";
/** RFC 3339, appendix A: each part needs no more than the next smaller one after it. */
const TIME = "T(?:\\d+H(?:\\d+M(?:\\d+S)?)?|\\d+M(?:\\d+S)?|\\d+S)";
const DAYS = `(?:\\d+Y(?:\\d+M(?:\\d+D)?)?|\\d+M(?:\\d+D)?|\\d+D)`;

export const FORMATS: ReadonlyMap<string, string> = new Map([
  ["date", `^(?:${DATE}|${LEAP_DAY})$`],
  ["time", `^${CLOCK}${OFFSET}$`],
  ["date-time", `^(?:${DATE}|${LEAP_DAY})T${CLOCK}${OFFSET}$`],
  ["duration", `^P(?:\\d+W|${DAYS}(?:${TIME})?|${TIME})$`],
  ["uuid", "^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$"],
  ["email", `^[A-Za-z0-9_+-]+(?:\\.[A-Za-z0-9_+-]+)*@(?:[A-Za-z0-9][A-Za-z0-9-]*\\.)+[A-Za-z]{2,}$`],
  ["hostname", `^${LABEL}(?:\\.${LABEL})*$`],
  ["ipv4", `^(?:${BYTE}\\.){3}${BYTE}$`],
]);
