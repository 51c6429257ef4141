import { Skeleton } from '@mantine/core';
import { useSearch } from 'wouter';
import { AbilitiesDocument, ApiTokenLimitsDocument } from '../../../../schema/documents.js';
import { useViewer } from '../../auth/viewer.js';
import { FailureNotice } from '../../form/failure-notice.js';
import { useRead } from '../../graphql/read.js';
import { Page } from '../../layout/page.js';
import { Section } from '../../layout/section.js';
import { ApiOff } from './api-off.js';
import { NewTokenForm } from './new-token-form.js';

export default function NewToken() {
  const { apiEnabled } = useViewer();
  const search = useSearch();
  const catalogue = useRead(AbilitiesDocument, {});
  const limits = useRead(ApiTokenLimitsDocument, {}, { types: ['ApiToken'] });
  const ready = catalogue.data !== undefined && limits.data !== undefined;
  const failure = catalogue.failure ?? limits.failure;
  return (
    <Page title="New token" lead="It can do what you tick here, and nothing else.">
      {!apiEnabled ? (
        <ApiOff />
      ) : ready ? (
        <NewTokenForm
          key={search}
          search={search}
          abilities={catalogue.data.abilities}
          limits={limits.data.viewer.apiTokenLimits}
        />
      ) : failure !== null ? (
        <FailureNotice failure={failure} />
      ) : (
        <Placeholder />
      )}
    </Page>
  );
}

function Placeholder() {
  return (
    <div aria-busy="true">
      <Section title="Program" description="One token for each program, and named after it, is easy to take back.">
        <Skeleton height={36} maw="24rem" mt={25} />
      </Section>
      <Section title="Abilities" description="What the token may ask for.">
        <Skeleton height={30} maw="16rem" mb="lg" />
        <Skeleton height={380} />
      </Section>
    </div>
  );
}
