import { Badge, Button } from '@mantine/core';
import { AbilityChips } from '../../layout/ability-chips.js';
import classes from '../../layout/record-list.module.css';
import { ExpiredBadge, TokenFacts } from '../../layout/token-facts.js';
import type { Token } from './revoke-dialog.js';

interface Props {
  readonly token: Token;
  readonly onRevoke: (token: Token) => void;
}

/** Somebody's token, and the way to revoke it. */
export function TokenRow({ token, onRevoke }: Props) {
  const { name, owner, abilities, preview } = token;
  return (
    <li className={classes.row}>
      <div>
        <div className={classes.name}>
          {name}
          <ExpiredBadge token={token} />
          {owner.disabledAt !== null && (
            <Badge size="sm" variant="light" color="red" tt="none">
              Owner disabled
            </Badge>
          )}
        </div>
        <div className={classes.below}>
          {owner.name}, {owner.email}
        </div>
        <div className={classes.preview}>{preview}</div>
        {abilities.length > 0 && (
          <div className={classes.chips}>
            <AbilityChips of={name} names={abilities} />
          </div>
        )}
      </div>
      <div className={classes.below}>
        <TokenFacts token={token} />
        {abilities.length === 0 && <div>No abilities</div>}
      </div>
      <Button
        variant="default"
        size="xs"
        aria-label={`Revoke ${name} of ${owner.name}`}
        onClick={() => onRevoke(token)}
      >
        Revoke…
      </Button>
    </li>
  );
}
