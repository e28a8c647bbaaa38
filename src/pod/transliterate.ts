/** Letters that Unicode does not decompose into a Latin letter and a mark, as the provider's slugify writes them: Latin, Greek, Cyrillic. */
const TABLE = `
ß ss æ ae œ oe ø o đ d ð d þ th ł l ħ h ı i ĸ k ŋ ng ŧ t ƒ f Æ ae Œ oe Ø o Đ d Ð d Þ th Ł l Ħ h Ŋ ng Ŧ t ẞ ss
α a β b γ g δ d ε e ζ z η e θ th ι i κ k λ l μ m ν n ξ x ο o π p ρ r ς s σ s τ t υ u φ ph χ kh ψ ps ω o
Α a Β b Γ g Δ d Ε e Ζ z Η e Θ th Ι i Κ k Λ l Μ m Ν n Ξ ks Ο o Π p Ρ r Σ s Τ t Υ u Φ ph Χ kh Ψ ps Ω o
а a б b в v г g д d е e ж zh з z и i к k л l м m н n о o п p р r с s т t у u ф f х kh ц ts ч ch ш sh щ shch ъ - ы y ь - э e ю iu я ia
А a Б b В v Г g Д d Е e Ж zh З z И i К k Л l М m Н n О o П p Р r С s Т t У u Ф f Х kh Ц ts Ч ch Ш sh Щ shch Ъ - Ы y Ь - Э e Ю iu Я ia
ђ dj є ie ѕ dz і i ј j љ lj њ nj ћ tsh џ dzh ґ g ғ g қ k ң n ү u ұ u һ h ө o
Ђ dj Є e Ѕ dz І i Ј j Љ lj Њ nj Ћ tsh Џ dzh Ґ g Ғ g Қ k Ң n Ү u Ұ u Һ h Ө o
`.trim().split(/\s+/);

/** `-` in the table is a letter that leaves nothing. */
const LETTERS = new Map(TABLE.flatMap((letter, i) => i % 2 === 0 ? [[letter, TABLE[i + 1].replace('-', '')] as const] : []));

/**
 * The text in lower-case Latin letters, as the provider's slugify writes it.
 *
 * `complete` is false where a letter or digit has no Latin form here: what is left does not stand for the text then.
 */
export function transliterate(text: string): { readonly latin: string; readonly complete: boolean } {
  let complete = true;
  const latin = [...text.normalize('NFKD')].map(letter => {
    const known = LETTERS.get(letter);
    if (known !== undefined) { return known; }
    if (/\p{M}/u.test(letter)) { return ''; }
    if (letter > '\x7f' && /[\p{L}\p{N}]/u.test(letter)) { complete = false; }
    return letter;
  });
  return { latin: latin.join('').toLowerCase(), complete };
}
