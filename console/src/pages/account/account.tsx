import { Page } from '../../layout/page.js';
import { DeleteAccount } from './delete-account.js';
import { Password } from './password.js';
import { Profile } from './profile.js';
import { Sessions } from './sessions.js';

export default function Account() {
  return (
    <Page title="Account">
      <Profile />
      <Password />
      <Sessions />
      <DeleteAccount />
    </Page>
  );
}
