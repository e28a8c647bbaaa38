import { KpoCase } from '../../test/tasks/kpo';

/** Cases written by hand; the ids are those of the provider's own tests where they come from there. */
export const MANIFEST_CASES: KpoCase[] = [
  { id: 'image alone', kwargs: { image: 'busybox:1' } },
];
