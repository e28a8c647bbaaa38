import { ConfigTable } from './table';
import { V2_11 } from './v2_11';
import { V3_0 } from './v3_0';
import { V3_1 } from './v3_1';
import { V3_2 } from './v3_2';
import { V3_3 } from './v3_3';

export type { ConfigTable };

/** One table for each supported minor version, oldest first. */
export const CONFIG_TABLES: readonly ConfigTable[] = [V2_11, V3_0, V3_1, V3_2, V3_3];
