/** The part of snowball-stemmers that we use; the package brings no types. */
declare module "snowball-stemmers" {
  export function newStemmer(language: "english"): { stem(word: string): string };
}
