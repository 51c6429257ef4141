import { Skeleton } from '@mantine/core';
import { ApiSettingsDocument, TokensAtStakeDocument } from '../../../../schema/documents.js';
import { FailureNotice } from '../../form/failure-notice.js';
import { useRead } from '../../graphql/read.js';
import { Section } from '../../layout/section.js';
import { AdminPage } from './admin-page.js';
import { ApiSwitch } from './api-switch.js';
import { NewTokens } from './new-tokens.js';
import classes from './settings.module.css';
import { stakeOf } from './stake.js';

export default function Settings() {
  const { data, failure } = useRead(ApiSettingsDocument, {});
  const tokens = useRead(TokensAtStakeDocument, {}, { types: ['ApiToken'] });
  const settings = data?.apiSettings;
  const stake = tokens.data === undefined ? null : stakeOf(tokens.data.allApiTokens, Date.now());
  return (
    <AdminPage title="Settings" lead="What holds for everyone on this server.">
      {settings === undefined && <FailureNotice failure={failure} />}
      <Section title="General" description="Whether programs may use this server with tokens at all.">
        {settings === undefined || (stake === null && tokens.failure === null) ? (
          <Skeleton className={classes.switch} />
        ) : (
          <ApiSwitch settings={settings} stake={stake} />
        )}
      </Section>
      <Section
        title="New tokens"
        description="What a token is given when its owner does not say otherwise, and how long it may live."
      >
        {settings === undefined ? (
          <Skeleton className={classes.form} />
        ) : (
          <NewTokens settings={settings} stake={stake} />
        )}
      </Section>
    </AdminPage>
  );
}
