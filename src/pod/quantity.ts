/** Kubernetes' quantities (`250m`, `1.5Gi`, 64000), exact to a billionth. */
const NANO = 1_000_000_000n;
const DECIMAL = ['n', 'u', 'm', '', 'k', 'M', 'G', 'T', 'P', 'E'];
const BINARY = ['Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'];

/** In billionths; undefined where it is no quantity. */
export function parseQuantity(quantity: string | number): bigint | undefined {
  const match = /^([+-]?)(\d*)(?:\.(\d*))?([KMGTPE]i|[numkMGTPE]|[eE][+-]?\d+)?$/.exec(String(quantity));
  if (!match || (match[2] === '' && !match[3])) { return undefined; }
  const [, sign, whole, fraction = '', suffix = ''] = match;
  const digits = BigInt(whole + fraction);
  const scale = 10n ** BigInt(fraction.length);
  const factor = scaleOf(suffix);
  // Rounded up, as Kubernetes does with what is finer than a billionth.
  const value = (digits * factor + scale - 1n) / scale;
  return sign === '-' ? -value : value;
}

function scaleOf(suffix: string): bigint {
  if (BINARY.includes(suffix)) { return NANO * 1024n ** BigInt(BINARY.indexOf(suffix) + 1); }
  if (DECIMAL.includes(suffix)) { return 1000n ** BigInt(DECIMAL.indexOf(suffix)); }
  const exponent = Number(suffix.slice(1));
  return exponent >= 0 ? NANO * 10n ** BigInt(exponent) : NANO / 10n ** BigInt(-exponent);
}

/** As the API server writes it: the largest suffix without a fraction, in the family (1000 or 1024) that was used. */
export function canonicalQuantity(quantity: string | number): string {
  const value = parseQuantity(quantity);
  if (value === undefined || /[eE]/.test(String(quantity))) { return String(quantity); }
  return formatQuantity(value, /i$/.test(String(quantity)));
}

export function formatQuantity(value: bigint, binary = false): string {
  if (value === 0n) { return '0'; }
  if (binary && value % (NANO * 1024n) === 0n) {
    let unit = BINARY.length - 1;
    while (value % (NANO * 1024n ** BigInt(unit + 1)) !== 0n) { unit -= 1; }
    return `${value / (NANO * 1024n ** BigInt(unit + 1))}${BINARY[unit]}`;
  }
  let unit = DECIMAL.length - 1;
  while (value % 1000n ** BigInt(unit) !== 0n) { unit -= 1; }
  return `${value / 1000n ** BigInt(unit)}${DECIMAL[unit]}`;
}
