import { publicId } from '../database/public-id.js';

/** How clients see the id of a token, whoever shows it to them. */
export const apiTokenId = publicId('token');
