import { Callable, fail, Thing, Value } from './values';

/** Jinja's `loop`. */
export function loopValue(index: number, size: number, depth: number): Value {
  const values: { [name: string]: Value } = {
    index: BigInt(index + 1),
    index0: BigInt(index),
    revindex: BigInt(size - index),
    revindex0: BigInt(size - index - 1),
    first: index === 0,
    last: index === size - 1,
    length: BigInt(size),
    depth: BigInt(depth + 1),
    depth0: BigInt(depth),
    cycle: new Callable('loop.cycle', (args, named) => (args.length > 0 && named.size === 0 ? args[index % args.length] : fail('loop.cycle takes values'))),
  };
  return new Thing('loop', name => (Object.hasOwn(values, name) ? values[name] : fail(`'loop.${name}' is not understood here`)));
}
