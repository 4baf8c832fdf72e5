/**
 * Decimal numbers between two bounds, exactly, and multiples of one: read digit by digit, remembering how what was read so
 * far compares with the beginning of each bound, and its remainder. Without exponents.
 */
import { InputError } from "../../../errors.ts";
import type { Machine } from "./automaton.ts";

export interface Bound {
  value: number;
  isExclusive: boolean;
}

export interface NumberBounds {
  low?: Bound | undefined;
  high?: Bound | undefined;
  multipleOf: readonly number[];
  isInteger: boolean;
}

/** As many as double precision tells apart. */
const WHOLE_DIGITS = 16;
const FRACTION_DIGITS = 15;
const MAX_DIVISOR = 100_000;

/** Digits, without a sign. */
interface Decimal {
  whole: string;
  fraction: string;
}

/** -1: less than the bound, whatever follows; 0: its beginning. */
type Order = -1 | 0 | 1;

interface Reading {
  isNegative: boolean;
  /** Undefined before the point. */
  fraction: number | undefined;
  whole: number;
  isZero: boolean;
  low: Order;
  high: Order;
  /** By divisor, as much as the next digit needs. */
  remainders: readonly number[];
  isMultiple: boolean;
}

type State = "start" | "minus" | Reading;

export function numberMachine(bounds: NumberBounds): Machine<State> {
  const divisors = bounds.multipleOf.map(divisorOf);
  // Of positive numbers, and of negative ones without their sign.
  const sides = {
    positive: { low: atLeastZero(bounds.low), high: bounds.high },
    negative: {
      low: atLeastZero(negated(bounds.high), true),
      high: negated(bounds.low),
    },
  };
  const limits = {
    positive: decimals(sides.positive),
    negative: decimals(sides.negative),
  };
  const fractionDigits = bounds.isInteger
    ? 0
    : Math.min(FRACTION_DIGITS, ...divisors.map(({ places }) => places));

  const sideOf = ({ isNegative }: Reading) => (isNegative ? "negative" : "positive");

  /** The order of a whole number of so many digits, now that it has ended. */
  function settled(order: Order, digits: number, limit: Decimal | undefined): Order {
    if (limit === undefined || digits === limit.whole.length) return order;
    return digits < limit.whole.length ? -1 : 1;
  }

  function afterDigit(reading: Reading, digit: number): Reading | undefined {
    const { low, high, most } = limits[sideOf(reading)];
    const { fraction, whole } = reading;
    const isFraction = fraction !== undefined;
    if (isFraction ? fraction === fractionDigits : whole === most || reading.isZero) return undefined;
    const compare = (order: Order, limit: Decimal | undefined): Order => {
      if (limit === undefined) return 0;
      if (!isFraction && whole >= limit.whole.length) return 1;
      if (order !== 0) return order;
      const other = isFraction ? limit.fraction[fraction] : limit.whole[whole];
      return Math.sign(digit - Number(other ?? 0)) as Order;
    };
    const remainders = reading.remainders.map((rest, i) => (10 * rest + digit) % divisors[i]!.divisor);
    const digits = isFraction ? fraction + 1 : 0;
    return {
      ...reading,
      fraction: isFraction ? digits : undefined,
      whole: isFraction ? whole : whole + 1,
      isZero: !isFraction && whole === 0 && digit === 0,
      low: compare(reading.low, low),
      high: compare(reading.high, high),
      remainders: remainders.map((rest, i) => rest % divisors[i]!.carried),
      isMultiple: divisors.every(({ divisor, places }, i) => {
        const shift = 10 ** (places - Math.min(places, digits)) % divisor;
        return (remainders[i]! * shift) % divisor === 0;
      }),
    };
  }

  function atPoint(reading: Reading): Reading {
    const { low, high } = limits[sideOf(reading)];
    const settledLow = settled(reading.low, reading.whole, low);
    const settledHigh = settled(reading.high, reading.whole, high);
    return { ...reading, fraction: 0, whole: 1, isZero: false, low: settledLow, high: settledHigh };
  }

  function isEnd(state: State): boolean {
    if (state === "start" || state === "minus") return false;
    if (state.fraction === 0 || state.whole === 0) return false;
    const reading = state.fraction === undefined ? atPoint(state) : state;
    const digits = reading.fraction!;
    const [side, limit] = [sides[sideOf(reading)], limits[sideOf(reading)]];
    const rest = (decimal: Decimal) => /[1-9]/.test(decimal.fraction.slice(digits));
    const isAbove = reading.low === 1 || (reading.low === 0 && !rest(limit.low!) && !side.low!.isExclusive);
    const isBelow =
      limit.high === undefined ||
      reading.high === -1 ||
      (reading.high === 0 && (rest(limit.high) || !side.high!.isExclusive));
    return isAbove && isBelow && reading.isMultiple;
  }

  const begin = (isNegative: boolean): Reading => ({
    isNegative,
    fraction: undefined,
    whole: 0,
    isZero: false,
    low: 0,
    high: 0,
    remainders: divisors.map(() => 0),
    isMultiple: true,
  });

  return {
    start: "start",
    cuts: Array.from("-./0123456789:", (character) => character.charCodeAt(0)),
    next(state, character) {
      const isMinus = character === 0x2d;
      if (state === "start" && isMinus) return "minus";
      const reading = typeof state === "string" ? begin(state === "minus") : state;
      if (character === 0x2e)
        return reading.whole > 0 && reading.fraction === undefined && fractionDigits > 0
          ? atPoint(reading)
          : undefined;
      return character >= 0x30 && character <= 0x39 ? afterDigit(reading, character - 0x30) : undefined;
    },
    isEnd,
    key: (state) => {
      if (typeof state === "string") return state;
      const { isNegative, fraction = "", whole, isZero, low, high, remainders, isMultiple } = state;
      return `${isNegative} ${fraction} ${whole} ${isZero} ${low} ${high} ${remainders} ${isMultiple}`;
    },
  };
}

/** "-0" is 0, which has a spelling already. */
function atLeastZero(bound: Bound | undefined, isNegative = false): Bound {
  return bound && bound.value > 0
    ? bound
    : { value: 0, isExclusive: isNegative || (bound?.isExclusive === true && bound.value === 0) };
}

function negated(bound: Bound | undefined): Bound | undefined {
  return bound && { value: -bound.value, isExclusive: bound.isExclusive };
}

/** `most`: digits before the point. No number fits below a `high` that is negative. */
function decimals({ low, high }: { low: Bound; high: Bound | undefined }) {
  const isEmpty = high !== undefined && high.value < 0;
  const [least, greatest] = [decimalOf(low.value), high && decimalOf(high.value)];
  const most = greatest ? greatest.whole.length : Math.max(WHOLE_DIGITS, least.whole.length + 1);
  return { low: least, high: greatest, most: isEmpty ? 0 : most };
}

/** The shortest digits that mean this number; of its magnitude. */
function decimalOf(value: number): Decimal {
  const [mantissa, exponent = "0"] = Math.abs(value).toString().split("e");
  const [whole, fraction = ""] = mantissa!.split(".");
  const digits = whole! + fraction;
  const point = whole!.length + Number(exponent);
  return {
    whole: digits.slice(0, Math.max(0, point)).padEnd(Math.max(1, point), "0"),
    fraction: point < 0 ? "0".repeat(-point) + digits : digits.slice(point),
  };
}

/**
 * 0.25 is 25 of 10^-2: of numbers written with as many digits after the point, the whole multiples of 25. Of a remainder r
 * the next one, of 10 r + digit, needs what is left of r by `carried`.
 */
function divisorOf(value: number): { divisor: number; places: number; carried: number } {
  const { whole, fraction } = decimalOf(value);
  const divisor = Number(whole + fraction);
  if (divisor > MAX_DIVISOR || fraction.length > FRACTION_DIGITS)
    throw new InputError(
      `multipleOf ${value} has too many digits: at most ${MAX_DIVISOR} of its last one are supported`,
    );
  const shared = (divisor % 2 === 0 ? 2 : 1) * (divisor % 5 === 0 ? 5 : 1);
  return { divisor, places: fraction.length, carried: divisor / shared };
}
