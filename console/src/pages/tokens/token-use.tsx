import { Anchor } from '@mantine/core';
import { Link } from 'wouter';
import type { TokenRowFragment } from '../../../../schema/documents.js';
import { End, LastUse } from '../../layout/token-facts.js';
import { Moment } from '../../time/moment.js';
import { newTokenAddress } from './token-address.js';
import classes from './token-use.module.css';

/** By what a token is recognised, how it is used, and the way to another one like it. */
export function TokenUse({ token }: { readonly token: TokenRowFragment }) {
  const { name, abilities, preview, createdAt } = token;
  return (
    <span className={classes.use}>
      <code>{preview}</code>
      <span>
        <LastUse token={token} />
      </span>
      <span>
        <End token={token} />
      </span>
      <span>
        Created <Moment at={createdAt} as="day" />
      </span>
      <Anchor component={Link} href={newTokenAddress({ name, abilities })} inherit>
        Create another like it
      </Anchor>
    </span>
  );
}
