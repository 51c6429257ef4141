import { Anchor, Skeleton, Text } from '@mantine/core';
import { Link, useParams } from 'wouter';
import {
  AbilitiesDocument,
  ApiTokenDocument,
  type ApiTokenQuery,
  type TokenRowFragment,
} from '../../../../schema/documents.js';
import { addresses } from '../../addresses.js';
import { useViewer } from '../../auth/viewer.js';
import { FailureNotice } from '../../form/failure-notice.js';
import { useRead } from '../../graphql/read.js';
import { Page } from '../../layout/page.js';
import { Section } from '../../layout/section.js';
import { ApiOff } from './api-off.js';
import { DeleteToken } from './delete-token.js';
import { EditTokenForm } from './edit-token-form.js';
import { TokenUse } from './token-use.js';
import classes from './tokens.module.css';

export default function Token() {
  const { apiEnabled } = useViewer();
  const { id = '' } = useParams();
  const reading = useRead(ApiTokenDocument, { id });
  const catalogue = useRead(AbilitiesDocument, {});
  const token = tokenIn(reading.data);
  const failure = token === null ? reading.failure : catalogue.failure;
  const code = reading.failure?.code;
  if ((reading.data !== undefined && token === null) || code === 'NOT_FOUND' || code === 'BAD_USER_INPUT') {
    return <NoSuchToken />;
  }
  if (!apiEnabled) {
    return (
      <Page title="Token">
        <ApiOff />
      </Page>
    );
  }
  if (token === null || catalogue.data === undefined) {
    return <Page title="Token">{failure === null ? <Placeholder /> : <FailureNotice failure={failure} />}</Page>;
  }
  return (
    <Page title={token.name} lead={<TokenUse token={token} />}>
      <EditTokenForm key={token.id} token={token} abilities={catalogue.data.abilities} />
      <div className={classes.apart}>
        <DeleteToken token={token} />
      </div>
    </Page>
  );
}

/** Null when the id is of something else. */
function tokenIn(data: ApiTokenQuery | undefined): TokenRowFragment | null {
  const node = data?.node ?? null;
  return node !== null && 'preview' in node ? (node as TokenRowFragment) : null;
}

function NoSuchToken() {
  return (
    <Page title="No such token">
      <Text>
        It has been deleted, or it belongs to somebody else.{' '}
        <Anchor component={Link} href={addresses.tokens} inherit>
          See your tokens
        </Anchor>
      </Text>
    </Page>
  );
}

function Placeholder() {
  return (
    <div aria-busy="true">
      <Section title="Program">
        <Skeleton height={36} maw="24rem" mt={25} />
      </Section>
      <Section title="Abilities">
        <Skeleton height={410} />
      </Section>
    </div>
  );
}
