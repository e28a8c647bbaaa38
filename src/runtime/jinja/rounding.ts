/* eslint-disable no-bitwise -- the bits of a float */
/** A float that is finite as `numerator / 2 ** shift`, exactly. */
function exact(value: number): [bigint, bigint] {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  const bits = view.getBigUint64(0);
  const exponent = Number((bits >> 52n) & 0x7ffn);
  const fraction = bits & 0xfffffffffffffn;
  const mantissa = exponent === 0 ? fraction : fraction | 0x10000000000000n;
  const shift = BigInt(1075 - Math.max(exponent, 1));
  const signed = bits >> 63n === 1n ? -mantissa : mantissa;
  return shift >= 0n ? [signed, shift] : [signed << -shift, 0n];
}

/** `numerator / denominator` to the nearest whole number, halves to the even one. */
export function divideHalfEven(numerator: bigint, denominator: bigint): bigint {
  const [magnitude, negative] = numerator < 0n ? [-numerator, true] : [numerator, false];
  const quotient = magnitude / denominator;
  const twice = (magnitude % denominator) * 2n;
  const rounded = twice > denominator || (twice === denominator && quotient % 2n === 1n) ? quotient + 1n : quotient;
  return negative ? -rounded : rounded;
}

/** The digits of a float that is not negative, with so many after the point; Python rounds the exact value, halves to even. */
export function fixed(value: number, digits: number): string {
  const [numerator, shift] = exact(value);
  const scaled = divideHalfEven(numerator * 10n ** BigInt(digits), 1n << shift).toString().padStart(digits + 1, '0');
  return digits === 0 ? scaled : `${scaled.slice(0, -digits)}.${scaled.slice(-digits)}`;
}

/** The digits and the exponent of a float that is not negative, as `%e` has them. */
export function scientific(value: number, digits: number): [string, number] {
  if (value === 0) { return ['0'.repeat(digits + 1), 0]; }
  let exponent = Math.floor(Math.log10(value));
  const at = (power: number): bigint => {
    const [numerator, shift] = exact(value);
    const scale = BigInt(digits - power);
    return scale >= 0n ? divideHalfEven(numerator * 10n ** scale, 1n << shift) : divideHalfEven(numerator, (1n << shift) * 10n ** -scale);
  };
  // The logarithm may be off by one, and rounding may carry.
  for (const guess of [exponent - 1, exponent, exponent + 1]) {
    if (at(guess).toString().length === digits + 1) { exponent = guess; break; }
  }
  return [at(exponent).toString(), exponent];
}
