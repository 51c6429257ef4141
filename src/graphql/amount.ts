export type Variables = Readonly<Record<string, unknown>>;

/** Points or a number of items: known from the document, or once there are coerced variables. */
export type Amount = number | ((variables: Variables) => number);

export function worth(amount: Amount, variables: Variables): number {
  return typeof amount === 'number' ? amount : amount(variables);
}

export function sum(amounts: readonly Amount[]): Amount {
  const known = amounts.reduce<number>((total, amount) => (typeof amount === 'number' ? total + amount : total), 0);
  const open = amounts.filter((amount) => typeof amount !== 'number');
  return open.length === 0 ? known : (variables) => open.reduce((total, amount) => total + amount(variables), known);
}

export function product(a: Amount, b: Amount): Amount {
  return typeof a === 'number' && typeof b === 'number'
    ? a * b
    : (variables) => worth(a, variables) * worth(b, variables);
}

export function largest(amounts: readonly Amount[]): Amount {
  return amounts.every((amount) => typeof amount === 'number')
    ? Math.max(0, ...amounts)
    : (variables) => Math.max(...amounts.map((amount) => worth(amount, variables)));
}
