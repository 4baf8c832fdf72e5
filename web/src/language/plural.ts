/** "1 file", "5 files": the number and its form, by the language's rules. */
export function plural(language: string, forms: Partial<Record<Intl.LDMLPluralRule, string>>) {
  const rules = new Intl.PluralRules(language);
  const numbers = new Intl.NumberFormat(language);
  return (count: number): string =>
    `${numbers.format(count)} ${forms[rules.select(count)] ?? forms.other ?? forms.many}`;
}
