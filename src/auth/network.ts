import { isIP } from 'node:net';

/**
 * What of an address its owner cannot change at will, to count by: an IPv4 address as it is, of IPv6 the first 64 bits,
 * which is what one subscriber is given at least. What a proxy hands on that is no address counts as one.
 */
export function networkOf(address: string): string {
  const version = isIP(address);
  if (version === 4) {
    return address;
  }
  if (version === 0) {
    return 'unknown';
  }
  const [bare = ''] = address.split('%', 1);
  const groups = groupsOf(bare);
  const [high = 0, low = 0] = groups.slice(6);
  const isMapped = groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff;
  return isMapped
    ? [high >> 8, high & 0xff, low >> 8, low & 0xff].join('.')
    : `${groups
        .slice(0, 4)
        .map((group) => group.toString(16))
        .join(':')}::/64`;
}

/** The eight groups of an IPv6 address. */
function groupsOf(address: string): number[] {
  const [head = '', tail] = address.split('::');
  const left = numbersOf(head);
  const right = tail === undefined ? [] : numbersOf(tail);
  return [...left, ...Array<number>(8 - left.length - right.length).fill(0), ...right];
}

function numbersOf(part: string): number[] {
  return part === ''
    ? []
    : part.split(':').flatMap((group) => {
        if (!group.includes('.')) {
          return [Number.parseInt(group, 16)];
        }
        const [a = 0, b = 0, c = 0, d = 0] = group.split('.').map(Number);
        return [(a << 8) | b, (c << 8) | d];
      });
}
