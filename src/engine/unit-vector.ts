/** Numbers of a model -> a vector of length 1, the only form in which vectors leave the engines. */

/** All zeros stay so. Undefined where a number is not finite: the model, or the server, is at fault. */
export function unitVector(numbers: ArrayLike<number>): Float32Array | undefined {
  let largest = 0;
  for (let i = 0; i < numbers.length; i++) {
    if (!Number.isFinite(numbers[i])) return undefined;
    largest = Math.max(largest, Math.abs(numbers[i]!));
  }
  if (largest === 0) return new Float32Array(numbers.length);
  // By the largest first, so that no square overflows or vanishes.
  let squares = 0;
  for (let i = 0; i < numbers.length; i++) squares += (numbers[i]! / largest) ** 2;
  const length = Math.sqrt(squares);
  return Float32Array.from(numbers, (value) => value / largest / length);
}
