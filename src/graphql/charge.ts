import type { ApolloServerPlugin } from '@apollo/server';
import type { GraphQLFormattedError, GraphQLSchema, OperationDefinitionNode } from 'graphql';
import type { Budget } from '../auth/budget.js';
import { budgetSpent, type Cost, limitExceeded } from '../errors.js';
import { costHeaders } from './answer-head.js';
import { answered } from './answered.js';
import type { Context } from './context.js';
import { costOf, prices } from './cost.js';

/** Charges for a request before its document is read; throws `RATE_LIMITED` when the budget is spent. */
export async function chargeRequest(budget: Budget | null): Promise<void> {
  if (budget === null) {
    return;
  }
  const paid = budget.spend(prices.request);
  if (paid !== true && !(await paid)) {
    throw budgetSpent(costOn(budget, prices.request));
  }
}

/**
 * Refuses an operation that costs more than `limit`, and charges for any other before it is decided or run, beside what
 * {@link chargeRequest} has charged. One that costs more than a whole minute has takes all of a minute that is still
 * whole. Every answer tells what was asked for and what is left.
 */
export function costPlugin(
  schema: GraphQLSchema,
  limit: number,
  present: (error: unknown) => GraphQLFormattedError,
): ApolloServerPlugin<Context> {
  return {
    requestDidStart: async () => {
      let requested: number = prices.request;
      return {
        responseForOperation: async ({ contextValue: { budget }, document, operation, request }) => {
          if ((operation as OperationDefinitionNode | undefined) === undefined) {
            return null;
          }
          requested = costOf(schema, document, operation, request.variables ?? {});
          if (requested > limit) {
            return answered({ errors: [present(limitExceeded('COST_LIMIT', limit, requested))] });
          }
          if (budget === null) {
            return null;
          }
          const paid = budget.spend(Math.min(requested, budget.limit) - prices.request);
          return paid === true || (await paid)
            ? null
            : answered({ errors: [present(budgetSpent(costOn(budget, requested)))] });
        },
        willSendResponse: async ({ contextValue: { budget }, response }) => {
          if (budget === null || response.body.kind !== 'single') {
            return;
          }
          const cost = costOn(budget, requested);
          response.body.singleResult.extensions = { ...response.body.singleResult.extensions, cost };
          for (const [name, value] of Object.entries(costHeaders(cost))) {
            response.http.headers.set(name, value);
          }
        },
      };
    },
  };
}

function costOn(budget: Budget, requested: number): Cost {
  return { requested, ...budget.standing() };
}
