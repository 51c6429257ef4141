import { Button, Skeleton, Text, Title, VisuallyHidden } from '@mantine/core';
import { Link, useSearchParams } from 'wouter';
import { ApiTokensDocument } from '../../../../schema/documents.js';
import { addresses } from '../../addresses.js';
import { useViewer } from '../../auth/viewer.js';
import { FailureNotice } from '../../form/failure-notice.js';
import { SearchField } from '../../form/search-field.js';
import { useRead } from '../../graphql/read.js';
import { Page } from '../../layout/page.js';
import { PageButtons, usePaging } from '../../layout/paging.js';
import records from '../../layout/record-list.module.css';
import { ApiOff } from './api-off.js';
import { TokenRow } from './token-row.js';
import classes from './tokens.module.css';

export default function Tokens() {
  const { apiEnabled } = useViewer();
  const [params, setParams] = useSearchParams();
  const search = params.get('q') ?? '';
  const paging = usePaging(search);
  const { data, failure, loading, former } = useRead(
    ApiTokensDocument,
    { first: 20, after: paging.after, search: search === '' ? null : search },
    { types: ['ApiToken'] },
  );
  const isOff = failure === null ? !apiEnabled && data === undefined : failure.code === 'API_DISABLED';
  const nodes = data?.apiTokens.nodes;
  const isNewcomer = !former && nodes?.length === 0 && search === '' && paging.previous === null;
  const lookFor = (text: string) => setParams(text === '' ? {} : { q: text }, { replace: true });
  return (
    <Page
      title="Tokens"
      lead="Keys for the programs that act for you."
      actions={
        !isOff &&
        !isNewcomer && (
          <Button component={Link} href={addresses.newToken}>
            New token
          </Button>
        )
      }
    >
      {isOff ? (
        <ApiOff />
      ) : (
        <>
          <FailureNotice failure={failure} />
          {isNewcomer ? (
            <WhatATokenIs />
          ) : (
            <>
              <SearchField
                className={classes.search}
                aria-label="Search tokens by name"
                placeholder="Search by name"
                value={search}
                onSearch={lookFor}
              />
              <VisuallyHidden role="status">
                {nodes !== undefined && !loading && `${nodes.length} ${nodes.length === 1 ? 'token' : 'tokens'} shown`}
              </VisuallyHidden>
              {nodes?.length === 0 && !loading && (
                <div className={records.empty}>
                  <Text>None of your tokens has a name with “{search}”.</Text>
                  <Button variant="default" size="xs" onClick={() => lookFor('')}>
                    Show all
                  </Button>
                </div>
              )}
              <ul
                className={records.list}
                aria-label="Your tokens"
                aria-busy={loading}
                hidden={(nodes === undefined && failure !== null) || (nodes?.length === 0 && !loading)}
              >
                {nodes === undefined
                  ? placeholders.map((key) => <Placeholder key={key} />)
                  : nodes.map((token) => <TokenRow key={token.id} token={token} />)}
              </ul>
              <PageButtons paging={paging} page={data?.apiTokens} loading={loading} />
            </>
          )}
        </>
      )}
    </Page>
  );
}

function WhatATokenIs() {
  return (
    <div className={classes.empty}>
      <Title order={2}>You have no tokens yet</Title>
      <Text mt="xs">
        A token lets a program act for you without your password: a website that shows your posts, a script that writes
        them, a job that runs at night. It can do what you tick and nothing else, it can have an end, and you can take
        it back at any time.
      </Text>
      <Button component={Link} href={addresses.newToken} mt="lg">
        Create your first token
      </Button>
    </div>
  );
}

const placeholders = ['first', 'second', 'third'] as const;

function Placeholder() {
  return (
    <li className={classes.row} aria-hidden="true">
      <div>
        <Skeleton height={14} width={140} my={4} />
        <Skeleton height={12} width={110} my={5} />
      </div>
      <Skeleton height={20} width={190} maw="100%" />
      <div>
        <Skeleton height={12} width={150} my={4} />
        <Skeleton height={12} width={110} my={4} />
        <Skeleton height={12} width={120} my={4} />
      </div>
    </li>
  );
}
