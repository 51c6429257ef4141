import { Link } from 'wouter';
import type { TokenRowFragment } from '../../../../schema/documents.js';
import { AbilityChips } from '../../layout/ability-chips.js';
import records from '../../layout/record-list.module.css';
import { ExpiredBadge, TokenFacts } from '../../layout/token-facts.js';
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
          <ExpiredBadge token={token} />
        </div>
        <div className={records.preview}>{token.preview}</div>
      </div>
      {token.abilities.length === 0 ? (
        <div className={records.below}>No abilities</div>
      ) : (
        <AbilityChips of={token.name} names={token.abilities} />
      )}
      <div className={`${records.below} ${classes.facts}`}>
        <TokenFacts token={token} />
      </div>
    </li>
  );
}
