import { ConfigTable } from './table';
import { v2_11 } from './v2_11';
import { v3_0 } from './v3_0';
import { v3_1 } from './v3_1';
import { v3_2 } from './v3_2';
import { v3_3 } from './v3_3';

export type { ConfigTable };

const TABLES: { readonly [version: string]: () => ConfigTable } = { '2.11': v2_11, '3.0': v3_0, '3.1': v3_1, '3.2': v3_2, '3.3': v3_3 };

/** The minor versions that have a table, oldest first. */
export const CONFIG_VERSIONS = Object.keys(TABLES);

const made = new Map<string, ConfigTable>();

/** The table of a minor version, made when it is first asked for: it is large, and an app needs one of them. */
export function tableOf(version: string): ConfigTable {
  if (!made.has(version)) { made.set(version, TABLES[version]()); }
  return made.get(version)!;
}
