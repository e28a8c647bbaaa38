/** What one minor version of Airflow knows of airflow.cfg, providers included. */
export interface ConfigTable {
  /** Major and minor. */
  readonly version: string;
  /**
   * Section → key → what it takes: `string`, `boolean`, `integer`, `float`, `json`, two of them (`boolean|string`), one of (`=a|b`) or `sensitive`
   * (never in a file); ` since 3.0.2` where it came with a patch release.
   */
  readonly sections: { readonly [section: string]: { readonly [key: string]: string } };
  /** Sections that Airflow hands on as they are, so that any key is allowed. */
  readonly openSections: readonly string[];
  /** Section → the provider package that brings it; core's sections are not in it. */
  readonly providers: { readonly [section: string]: string };
  /** `section.key` → its name now, and since when. */
  readonly renamed: { readonly [name: string]: readonly [string, string] };
  /** `section.key` → since when it is gone, and Airflow's own advice or nothing. */
  readonly removed: { readonly [name: string]: readonly [string, string] };
}
