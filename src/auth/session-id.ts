import { publicId } from '../database/public-id.js';

/** How clients see the id of a session, whoever shows it to them. */
export const sessionId = publicId('session');
