/** The console is in English; its dates are those of the reader's own English, or of the United Kingdom's. */
export const locale = navigator.languages.find((language) => /^en\b/.test(language)) ?? 'en-GB';
