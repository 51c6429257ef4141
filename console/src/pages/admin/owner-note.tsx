import { Button } from '@mantine/core';
import { UserDocument } from '../../../../schema/documents.js';
import { useRead } from '../../graphql/read.js';
import classes from '../../layout/record-list.module.css';

/** Says whose tokens alone are shown. */
export function OwnerNote({ id, onClear }: { readonly id: string; readonly onClear: () => void }) {
  const { data } = useRead(UserDocument, { id });
  const user = data?.user;
  return (
    <div className={classes.note}>
      <span>
        Only tokens of{' '}
        {user == null ? 'one user' : <strong>{user.email === null ? user.name : `${user.name}, ${user.email}`}</strong>}
      </span>
      <Button variant="subtle" size="compact-sm" onClick={onClear}>
        Show everyone’s
      </Button>
    </div>
  );
}
