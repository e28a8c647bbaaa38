import { transliterate } from '../../src/pod/transliterate';

// python-slugify's own results.
test.each([
  ['Компьютер', 'kompiuter'],
  ['Съешь ещё этих мягких французских булок', 'sesh eshche etikh miagkikh frantsuzskikh bulok'],
  ['Україна Їжак Європа', 'ukraina izhak evropa'],
  ['Ђурђевак Љубав Џеп', 'djurdjevak ljubav dzhep'],
  ['Ελλάδα ψυχή Ξένος ξένος', 'ellada psukhe ksenos xenos'],
  ['Straße Łódź Þór ĐƠN İstanbul', 'strasse lodz thor don istanbul'],
])('%s is written %s', (text, latin) => expect(transliterate(text)).toEqual({ latin, complete: true }));

test.each(['任务', 'さくら', 'شمس', '한국', '٣'])('%s has no Latin form here', text => expect(transliterate(text).complete).toBe(false));

test('a mark or sign is no letter that is lost', () => expect(transliterate('a_b-c.d é').complete).toBe(true));
