import { ApolloServer, type ApolloServerPlugin } from '@apollo/server';
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginInlineTraceDisabled,
  ApolloServerPluginLandingPageDisabled,
  ApolloServerPluginSchemaReportingDisabled,
  ApolloServerPluginUsageReportingDisabled,
} from '@apollo/server/plugin/disabled';
import type { GraphQLFormattedError, GraphQLSchema, OperationDefinitionNode } from 'graphql';
import { fragmentsOf } from '../access/document.js';
import { clearance } from '../access/enforce.js';
import type { Planner } from '../access/plan.js';
import { withDefaults } from '../access/preflight.js';
import { answerTooLong } from '../errors.js';
import type { Outcome } from '../telemetry/metrics.js';
import type { Reason } from '../telemetry/reasons.js';
import { answerHead, legacyMediaType, mediaType } from './answer-head.js';
import { isLongerThan, longestAnswer } from './answer-size.js';
import { answered } from './answered.js';
import { noteRefused } from './audited.js';
import type { BuiltSchema } from './build.js';
import { costPlugin } from './charge.js';
import type { Context } from './context.js';
import { documentStore } from './document-store.js';
import { quickExecutor } from './execute.js';
import { type DocumentLimits, errorsTold, limitRule } from './limits.js';
import { mask } from './mask.js';
import { tracePlugin } from './trace-plugin.js';

/** What documents that were sent before may take of the memory. */
const documentBytes = 32 * 1_024 * 1_024;

/** What clients are not told, by the error that they are told. */
interface Kept {
  readonly causes: WeakMap<GraphQLFormattedError, unknown>;
  readonly reasons: WeakMap<GraphQLFormattedError, Reason>;
}

/** Makes of an error what the client gets, and keeps what only the log gets. */
type Present = (error: unknown) => GraphQLFormattedError;

/**
 * Apollo Server over the guarded schema. Every document passes the preflight between validation and execution, whether it
 * came over HTTP or through `executeOperation`.
 */
export function createGraphQLServer(
  { schema, tree, planner }: BuiltSchema,
  limits: DocumentLimits,
  development: boolean,
  traced = false,
): ApolloServer<Context> {
  const kept: Kept = { causes: new WeakMap(), reasons: new WeakMap() };
  const present: Present = (error) => {
    const { answer, cause, reason } = mask(error);
    if (cause !== null) {
      kept.causes.set(answer, cause);
    }
    if (reason !== null) {
      kept.reasons.set(answer, reason);
    }
    return answer;
  };
  return new ApolloServer<Context>({
    schema,
    // Who may introspect is decided by the preflight, per principal.
    introspection: true,
    hideSchemaDetailsFromClientErrors: !development,
    includeStacktraceInErrorResponses: false,
    allowBatchedHttpRequests: false,
    persistedQueries: false,
    // Forged requests are refused before Apollo sees them, by origin rather than by a header of its own.
    csrfPrevention: false,
    stopOnTerminationSignals: false,
    documentStore: documentStore(documentBytes),
    parseOptions: { maxTokens: limits.tokens },
    validationOptions: { maxErrors: errorsTold },
    executionOptions: { maxCoercionErrors: errorsTold },
    validationRules: [limitRule(limits, tree)],
    // Apollo's own way puts white space into every answer.
    stringifyResult: (result) => JSON.stringify(result),
    plugins: [
      ApolloServerPluginCacheControlDisabled(),
      ApolloServerPluginInlineTraceDisabled(),
      ApolloServerPluginLandingPageDisabled(),
      ApolloServerPluginSchemaReportingDisabled(),
      ApolloServerPluginUsageReportingDisabled(),
      costPlugin(schema, limits.cost, present),
      ...(traced ? [tracePlugin()] : []),
      preflightPlugin(schema, planner, present),
      quickPlugin(schema),
      answerPlugin(kept, present),
      abilityHeadersPlugin(planner),
    ],
    formatError: (_formatted, error) => present(error),
  });
}

/**
 * Decides the whole document before any of it runs. A refusal is the answer, without the steps in which Apollo makes
 * something presentable of what was thrown.
 */
function preflightPlugin(schema: GraphQLSchema, planner: Planner, present: Present): ApolloServerPlugin<Context> {
  return {
    requestDidStart: async () => ({
      responseForOperation: async ({ contextValue, document, operation, request }) => {
        if ((operation as OperationDefinitionNode | undefined) === undefined) {
          return null;
        }
        try {
          const variables = withDefaults(operation, request.variables ?? {});
          const refused = await clearance(planner, contextValue, operation, fragmentsOf(document), variables);
          if (refused !== null && operation.operation === 'mutation') {
            noteRefused(schema, planner.operation(operation, fragmentsOf(document)), variables, contextValue, refused);
          }
          return refused && answered({ errors: [{ message: refused.message, extensions: refused.extensions }] });
        } catch (error) {
          return answered({ errors: [present(error)] });
        }
      },
    }),
  };
}

/**
 * Answers queries that simply succeed. Not Apollo's hook for gateways: the accessors that it makes for every request are
 * kept by V8 until the old generation is collected, and the request with them.
 */
function quickPlugin(schema: GraphQLSchema): ApolloServerPlugin<Context> {
  const execute = quickExecutor(schema);
  return {
    requestDidStart: async () => ({
      responseForOperation: async ({ document, operation, request, contextValue }) => {
        // Apollo's types know no operation that is not there; graphql-js says so to the client.
        const data =
          (operation as OperationDefinitionNode | undefined) &&
          (await execute({ document, operation, variables: request.variables ?? {}, context: contextValue }));
        return data == null ? null : answered({ data });
      },
    }),
  };
}

/**
 * Gives answers their status and headers, takes down how they ended, and logs what the client is not told under the id
 * that it is told.
 */
function answerPlugin(kept: Kept, present: Present): ApolloServerPlugin<Context> {
  return {
    requestDidStart: async () => ({
      willSendResponse: async ({ contextValue, operation, operationName, request, response }) => {
        if (response.body.kind !== 'single') {
          return;
        }
        const accept = request.http?.headers.get('accept');
        if (accept === mediaType || accept === legacyMediaType) {
          // What was negotiated before Apollo began, which would negotiate again.
          response.http.headers.set('content-type', `${accept}; charset=utf-8`);
        }
        if (isLongerThan(response.body.singleResult.data, longestAnswer)) {
          const { extensions } = response.body.singleResult;
          response.body.singleResult = { errors: [present(answerTooLong(longestAnswer))], extensions };
        }
        const { singleResult } = response.body;
        const { ending } = contextValue;
        ending.operation = operation?.operation ?? 'none';
        ending.outcome = singleResult.errors === undefined ? 'ok' : outcomeOf(singleResult.data);
        const errors = singleResult.errors?.map((error) => {
          takeDown(error, kept.reasons.get(error) ?? null, contextValue);
          const cause = kept.causes.get(error);
          if (cause === undefined) {
            return error;
          }
          contextValue.log.error({ err: cause, operationName, path: error.path }, 'a field failed');
          return { ...error, extensions: { ...error.extensions, requestId: contextValue.request.id } };
        });
        if (errors === undefined) {
          return;
        }
        response.body.singleResult = { ...singleResult, errors };
        const head = answerHead(errors, {
          outcome: ending.outcome,
          legacy: accept === legacyMediaType,
        });
        response.http.status = head.status;
        for (const [name, value] of Object.entries(head.headers)) {
          response.http.headers.set(name, value);
        }
      },
    }),
  };
}

function takeDown({ extensions }: GraphQLFormattedError, reason: Reason | null, { services, log }: Context): void {
  services.metrics.told(String(extensions?.code), reason);
  if (extensions?.code === 'INSUFFICIENT_ABILITIES') {
    services.metrics.lacked(extensions.missing as string[]);
  }
  if (reason !== null) {
    log.info({ reason }, 'refused');
  }
}

/** Tells every token what it is worth and what the document needed, so that a client sees it before it is refused. */
function abilityHeadersPlugin(planner: Planner): ApolloServerPlugin<Context> {
  return {
    requestDidStart: async () => ({
      willSendResponse: async ({ contextValue, document, operation, response }) => {
        const { kind, credential } = contextValue.principal;
        if (kind !== 'TOKEN') {
          return;
        }
        response.http.headers.set('x-token-abilities', [...credential.granted].sort().join(', '));
        if (credential.expiresAt !== null) {
          response.http.headers.set('x-token-expires-at', credential.expiresAt.toISOString());
        }
        if (document !== undefined && operation !== undefined) {
          const [required = []] = planner.required(operation, fragmentsOf(document));
          response.http.headers.set('x-required-abilities', required.join(', '));
        }
      },
    }),
  };
}

function outcomeOf(data: Record<string, unknown> | null | undefined): Outcome {
  if (data === undefined) {
    return 'refused';
  }
  return Object.values(data ?? {}).some((value) => value !== null) ? 'partial' : 'failed';
}
