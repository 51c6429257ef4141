/** Why a credential did not do; clients get one message for most of these, so only metrics and the log name them. */
export const authenticationFailures = [
  'malformed_token',
  'misplaced_token',
  'unknown_token',
  'expired_token',
  'api_disabled',
  'session_over',
  'csrf_refused',
  'unknown_account',
  'disabled_account',
  'wrong_password',
  'throttled',
] as const;

export type AuthenticationFailure = (typeof authenticationFailures)[number];

/** Which limit was reached. */
export const rateLimits = [
  'login_account',
  'login_pair',
  'login_address',
  'register_address',
  'password_queue',
  'budget',
  'overload',
] as const;

export type RateLimit = (typeof rateLimits)[number];

/** What a refusal keeps from its client. */
export type Reason = AuthenticationFailure | RateLimit;
