import { Anchor, Text } from '@mantine/core';
import { Link } from 'wouter';
import { addresses } from '../../addresses.js';
import { useViewer } from '../../auth/viewer.js';
import records from '../../layout/record-list.module.css';

/** Stands for everything about tokens while there is no API for them. */
export function ApiOff() {
  const { isAdministrator } = useViewer();
  return (
    <div className={records.empty}>
      <Text>
        {isAdministrator ? (
          <>
            The API for tokens is switched off; you can switch it on in the{' '}
            <Anchor component={Link} href={addresses.admin} inherit>
              administration
            </Anchor>
            .
          </>
        ) : (
          'The API for tokens is switched off; an administrator of this server can switch it on.'
        )}
      </Text>
    </div>
  );
}
