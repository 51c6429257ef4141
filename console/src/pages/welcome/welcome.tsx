import { Button, Group } from '@mantine/core';
import { Link, Redirect } from 'wouter';
import { addresses } from '../../addresses.js';
import { useViewer } from '../../auth/viewer.js';
import { Page } from '../../layout/page.js';
import classes from './welcome.module.css';

export default function Welcome() {
  const { user } = useViewer();
  if (user !== null) {
    return <Redirect to={addresses.account} replace />;
  }
  return (
    <Page title="Latchkey" lead="A GraphQL API, and the keys to it.">
      <div className={classes.columns}>
        <div>
          <p className={classes.text}>
            Sign in to look after your account and after the programs that act for you. Each of them gets a token of its
            own, and each token can do what you allow it and nothing else.
          </p>
          <Group gap="sm">
            <Button component={Link} href={addresses.login}>
              Sign in
            </Button>
            <Button component={Link} href={addresses.register} variant="default">
              Create an account
            </Button>
          </Group>
        </div>
        <Picture />
      </div>
    </Page>
  );
}

/** What a token is: a name, what it may do, and an end. */
function Picture() {
  return (
    <div className={classes.picture} aria-hidden="true">
      {pictured.map(({ name, abilities, end }) => (
        <div key={name} className={classes.token}>
          <div className={classes.name}>
            {name}
            <span>{end}</span>
          </div>
          <div className={classes.abilities}>
            {abilities.map((ability) => (
              <code key={ability}>{ability}</code>
            ))}
          </div>
        </div>
      ))}
    </div>
  );
}

const pictured = [
  { name: 'Website', abilities: ['post:read', 'user:read'], end: 'no end' },
  { name: 'Newsletter', abilities: ['post:read', 'post:create'], end: '30 days' },
];
