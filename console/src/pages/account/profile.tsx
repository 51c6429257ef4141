import { useUser } from '../../auth/viewer.js';
import { Section } from '../../layout/section.js';
import classes from './profile.module.css';

/** What the account says about its user. */
export function Profile() {
  const { name, email } = useUser();
  return (
    <Section
      title="Profile"
      description="Your name stands beside what you write. Only you and administrators see the address."
    >
      <dl className={classes.facts}>
        <dt>Name</dt>
        <dd>{name}</dd>
        <dt>E-mail</dt>
        <dd>{email}</dd>
      </dl>
    </Section>
  );
}
