import { useEffect, useRef } from 'react';
import { Link, useLocation } from 'wouter';
import { type Address, addresses } from '../addresses.js';
import { useViewer } from '../auth/viewer.js';
import { openedFor } from '../pages/playground/opened.js';
import classes from './navigation.module.css';

interface Entry {
  readonly address: Address;
  readonly label: string;
  readonly onlyAdministrators?: boolean;
}

/** In the order of the bar. */
const entries: readonly Entry[] = [
  { address: 'tokens', label: 'Tokens' },
  { address: 'abilities', label: 'Abilities' },
  ...(openedFor === 'nobody' ? [] : [{ address: 'playground', label: 'Playground' } as const]),
  { address: 'activity', label: 'Activity' },
  { address: 'account', label: 'Account' },
  { address: 'admin', label: 'Administration', onlyAdministrators: true },
];

/** The pages that a user goes to and fro between. */
export function Navigation() {
  const { isAdministrator } = useViewer();
  return (
    <nav className={classes.navigation} aria-label="Pages">
      {entries
        .filter(({ onlyAdministrators = false }) => isAdministrator || !onlyAdministrators)
        .map(({ address, label }) => (
          <NavigationLink key={address} href={addresses[address]} label={label} />
        ))}
    </nav>
  );
}

function NavigationLink({ href, label }: { readonly href: string; readonly label: string }) {
  const [path] = useLocation();
  const isWithin = path === href || path.startsWith(`${href}/`);
  const link = useRef<HTMLAnchorElement>(null);

  useEffect(() => {
    if (isWithin) {
      // On a phone there are more than fit beside each other.
      link.current?.scrollIntoView({ block: 'nearest', inline: 'center' });
    }
  }, [isWithin]);

  return (
    <Link ref={link} href={href} className={classes.link} aria-current={isWithin ? 'page' : undefined}>
      {label}
    </Link>
  );
}
