/**
 * How far two samples are apart, as the z of the Mann-Whitney U test with ties: 0 when neither tends to be the larger,
 * beyond 3 in either direction once in 370 times by chance.
 */
export function mannWhitney(a: readonly number[], b: readonly number[]): number {
  const all = [...a.map((value) => ({ value, mine: true })), ...b.map((value) => ({ value, mine: false }))].sort(
    (left, right) => left.value - right.value,
  );
  let ranks = 0;
  let ties = 0;
  for (let start = 0; start < all.length; ) {
    let end = start;
    while (end < all.length && all[end]?.value === all[start]?.value) {
      end += 1;
    }
    // Equal values share the mean of their ranks.
    ranks += ((start + 1 + end) / 2) * all.slice(start, end).filter(({ mine }) => mine).length;
    ties += (end - start) ** 3 - (end - start);
    start = end;
  }
  const [n, m] = [a.length, b.length];
  const u = ranks - (n * (n + 1)) / 2;
  const spread = ((n * m) / 12) * (n + m + 1 - ties / ((n + m) * (n + m - 1)));
  return spread === 0 ? 0 : (u - (n * m) / 2) / Math.sqrt(spread);
}
