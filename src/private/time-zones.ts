/**
 * Names that Node gives another name or none, of tzdata 2026f: `US/Pacific`, `Asia/Kolkata`. Node's own (`Intl`) knows beside them some that no tzdata has,
 * such as `SystemV/EST5`, and takes any letters for capitals.
 */
const OTHERS: { readonly [area: string]: string } = {
  '': 'CET CST6CDT Cuba EET EST EST5EDT Egypt Eire GB GB-Eire GMT GMT+0 GMT-0 GMT0 Greenwich HST Hongkong Iceland Iran Israel Jamaica Japan '
    + 'Kwajalein Libya MET MST MST7MDT NZ NZ-CHAT Navajo PRC PST8PDT Poland Portugal ROC ROK Singapore Turkey UCT UTC Universal W-SU WET Zulu',
  'Africa': 'Asmara Timbuktu',
  'America': 'Argentina/Buenos_Aires Argentina/Catamarca Argentina/ComodRivadavia Argentina/Cordoba Argentina/Jujuy Argentina/Mendoza Atikokan Atka '
    + 'Ensenada Fort_Wayne Indiana/Indianapolis Kentucky/Louisville Knox_IN Montreal Nipigon Nuuk Pangnirtung Porto_Acre Rainy_River Rosario '
    + 'Santa_Isabel Shiprock Thunder_Bay Virgin Yellowknife',
  'Antarctica': 'South_Pole',
  'Asia': 'Ashkhabad Choibalsan Chongqing Chungking Dacca Harbin Ho_Chi_Minh Istanbul Kashgar Kathmandu Kolkata Macao Tel_Aviv Thimbu Ujung_Pandang '
    + 'Ulan_Bator Yangon',
  'Atlantic': 'Faroe Jan_Mayen',
  'Australia': 'ACT Canberra Currie LHI NSW North Queensland South Tasmania Victoria West Yancowinna',
  'Brazil': 'Acre DeNoronha East West',
  'Canada': 'Atlantic Central Eastern Mountain Newfoundland Pacific Saskatchewan Yukon',
  'Chile': 'Continental EasterIsland',
  'Etc': 'Greenwich UCT UTC Universal Zulu',
  'Europe': 'Belfast Kyiv Nicosia Tiraspol Uzhgorod Zaporozhye',
  'Mexico': 'BajaNorte BajaSur General',
  'Pacific': 'Chuuk Johnston Kanton Pohnpei Samoa Yap',
  'US': 'Alaska Aleutian Arizona Central East-Indiana Eastern Hawaii Indiana-Starke Michigan Mountain Pacific Samoa',
};

/** The names of time zones that Python's `zoneinfo` and Go have. */
export const ZONES: ReadonlySet<string> = new Set([
  ...Intl.supportedValuesOf('timeZone'),
  ...Object.entries(OTHERS).flatMap(([area, names]) => names.split(' ').map(name => area === '' ? name : `${area}/${name}`)),
  ...['', '0', '+0', '-0', ...Array.from({ length: 12 }, (_, i) => `+${i + 1}`), ...Array.from({ length: 14 }, (_, i) => `-${i + 1}`)].map(hours => `Etc/GMT${hours}`),
]);
