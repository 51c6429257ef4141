import { Badge } from '@mantine/core';
import { Link } from 'wouter';
import type { TokenRowFragment } from '../../../../schema/documents.js';
import { AbilityChips } from '../../layout/ability-chips.js';
import { End, isExpired, LastUse } from '../../layout/token-facts.js';
import { Moment } from '../../time/moment.js';
import { tokenAddress } from './token-address.js';
import classes from './tokens.module.css';

/** A token in a list; all of it leads to its page. */
export function TokenRow({ token }: { readonly token: TokenRowFragment }) {
  return (
    <li className={classes.row}>
      <div>
        <div className={classes.name}>
          <Link href={tokenAddress(token.id)} className={classes.link}>
            {token.name}
          </Link>
          {isExpired(token) && (
            <Badge size="sm" variant="light" color="red" tt="none">
              Expired
            </Badge>
          )}
        </div>
        <div className={classes.preview}>{token.preview}</div>
      </div>
      {token.abilities.length === 0 ? (
        <div className={classes.facts}>No abilities</div>
      ) : (
        <AbilityChips of={token.name} names={token.abilities} />
      )}
      <div className={classes.facts}>
        <div>
          <LastUse token={token} />
        </div>
        <div>
          <End token={token} />
        </div>
        <div>
          Created <Moment at={token.createdAt} as="day" />
        </div>
      </div>
    </li>
  );
}
