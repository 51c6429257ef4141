import type { ReactNode } from 'react';
import { Link, useLocation } from 'wouter';
import { type Address, addresses } from '../../addresses.js';
import { Page } from '../../layout/page.js';
import classes from './admin-page.module.css';

const parts: readonly { readonly address: Address; readonly label: string }[] = [
  { address: 'admin', label: 'Settings' },
  { address: 'adminUsers', label: 'Users' },
  { address: 'adminTokens', label: 'Tokens' },
  { address: 'adminActivity', label: 'Activity' },
];

interface Props {
  readonly title: string;
  readonly lead: ReactNode;
  readonly children: ReactNode;
}

/** A page for administrators, with the way to the others. */
export function AdminPage({ title, lead, children }: Props) {
  const [path] = useLocation();
  return (
    <Page title={title} lead={lead}>
      <nav className={classes.parts} aria-label="Administration">
        {parts.map(({ address, label }) => (
          <Link
            key={address}
            href={addresses[address]}
            className={classes.part}
            aria-current={path === addresses[address] ? 'page' : undefined}
          >
            {label}
          </Link>
        ))}
      </nav>
      {children}
    </Page>
  );
}
