/** POST /admin/api/<version>/graphql.json: from the raw request to Shopify's kind of answer. */
import { randomUUID } from "node:crypto";
import {
	type DocumentNode,
	execute,
	GraphQLError,
	type GraphQLFormattedError,
	type OperationDefinitionNode,
	valueFromASTUntyped,
} from "graphql";
import { labelRequest } from "../context";
import type { SandboxContext, SandboxStore } from "../sandbox-platform";
import { charge, giveBack, type ThrottleStatus } from "./bucket";
import { costOf, largestCost } from "./cost";
import { labelOperation, resolveField } from "./fields";
import { createLoaders } from "./loaders";
import { apiVersion, type ShopifySchema, shopifySchema } from "./schema";
import type { Scope } from "./scope";
import { scopesOf } from "./tokens";
import { invalidVariables } from "./variables";
import { sayInvalid, sayUnparsable } from "./words";

const largestInput = 250;
const unauthorized = "[API] Invalid API key or access token (unrecognized login or wrong password)";

export const apiHeaders = () => ({ "x-request-id": randomUUID(), "x-shopify-api-version": apiVersion });

export const apiError = (status: number, errors: unknown, headers: Record<string, string> = {}) =>
	Response.json({ errors }, { status, headers: { ...apiHeaders(), ...headers } });

type Body = { query: string; variables: Record<string, unknown>; operationName: string | null };
type Answer = { data?: unknown; errors?: readonly GraphQLFormattedError[]; extensions?: Record<string, unknown> };

export async function answerGraphql(ctx: SandboxContext, store: SandboxStore, request: Request): Promise<Response> {
	const scopes = await scopesOf(ctx, store, request.headers.get("x-shopify-access-token"));
	if (!scopes) {
		labelRequest(request, "unauthorized");
		return apiError(401, unauthorized);
	}
	const body = readBody(await request.text());
	if (!body) return apiError(400, { query: "Required parameter missing or invalid" });
	const schema = await shopifySchema();
	const scope: Scope = {
		ctx,
		store,
		scopes,
		schema,
		loaders: createLoaders(ctx, store),
		searches: [],
		access: new Map(),
	};
	return Response.json(await run(scope, body, request), { headers: apiHeaders() });
}

function readBody(text: string): Body | null {
	try {
		const { query, variables, operationName } = JSON.parse(text) as Record<string, unknown>;
		if (typeof query !== "string" || query === "") return null;
		return {
			query,
			variables: variables && typeof variables === "object" ? (variables as Record<string, unknown>) : {},
			operationName: typeof operationName === "string" ? operationName : null,
		};
	} catch {
		return null;
	}
}

type Prepared = { document: DocumentNode; operation: OperationDefinitionNode; requested: number };

/** Everything that is wrong before anything is charged. */
function prepare(schema: ShopifySchema, body: Body): Prepared | { errors: readonly GraphQLFormattedError[] } {
	let checked: ReturnType<ShopifySchema["check"]>;
	try {
		checked = schema.check(body.query);
	} catch (error) {
		if (error instanceof GraphQLError) return { errors: [sayUnparsable(error)] };
		throw error;
	}
	const { document, errors } = checked;
	if (errors.length > 0) return { errors: errors.map((error) => sayInvalid(error, document)) };
	const operations = document.definitions.filter(
		(definition): definition is OperationDefinitionNode => definition.kind === "OperationDefinition",
	);
	const operation = body.operationName
		? operations.find(({ name }) => name?.value === body.operationName)
		: operations.length === 1
			? operations[0]
			: undefined;
	if (!operation)
		return {
			errors: [
				{
					message: body.operationName ? `No operation named "${body.operationName}"` : "An operation name is required",
				},
			],
		};
	const variableErrors = invalidVariables(schema.schema, operation, body.variables);
	if (variableErrors.length > 0) return { errors: variableErrors };
	const tooLarge = largeInputs(operation, body.variables);
	if (tooLarge.length > 0) return { errors: tooLarge };
	return { document, operation, requested: costOf(schema.schema, document, operation, body.variables) };
}

async function run(scope: Scope, body: Body, request: Request): Promise<Answer> {
	const prepared = prepare(scope.schema, body);
	if ("errors" in prepared) {
		labelRequest(request, "invalid");
		return prepared;
	}
	const { document, operation, requested } = prepared;
	const [first] = operation.selectionSet.selections;
	if (first?.kind === "Field") labelOperation(request, first.name.value);
	if (requested > largestCost) return tooDear(requested);
	const { isCharged, status } = charge(scope.ctx, scope.store, requested);
	if (!isCharged) {
		labelRequest(request, "throttled");
		return throttled(requested, status);
	}
	let result: Awaited<ReturnType<typeof execute>>;
	try {
		result = await execute({
			schema: scope.schema.schema,
			document,
			operationName: operation.name?.value,
			variableValues: body.variables,
			contextValue: scope,
			fieldResolver: resolveField,
			typeResolver: (value) => (value as { __typename: string }).__typename,
		});
	} catch (error) {
		giveBack(scope.ctx, scope.store, requested);
		throw error;
	}
	const { data, errors } = result;
	const spent = Math.min(requested, costOf(scope.schema.schema, document, operation, body.variables, { data }));
	const answer: Answer = {};
	if (errors) answer.errors = errors.map(sayFailure);
	if (data !== undefined) answer.data = data;
	answer.extensions = {
		cost: {
			requestedQueryCost: requested,
			actualQueryCost: spent,
			throttleStatus: giveBack(scope.ctx, scope.store, requested - spent),
		},
	};
	if (scope.searches.length > 0) answer.extensions.search = scope.searches;
	return answer;
}

/** An error that the store did not mean to give says nothing of itself but an id. */
function sayFailure(error: GraphQLError): GraphQLFormattedError {
	if (error.extensions.code !== undefined) return error.toJSON();
	return {
		...error.toJSON(),
		message: `Internal error. Looks like something went wrong on our end.\nRequest ID: ${randomUUID()} (include this in support requests).`,
		extensions: { code: "INTERNAL_SERVER_ERROR", ...(error.originalError && { cause: error.originalError.message }) },
	};
}

export const throttled = (requested: number, status: ThrottleStatus): Answer => ({
	errors: [
		{
			message: "Throttled",
			extensions: { code: "THROTTLED", documentation: "https://shopify.dev/api/usage/rate-limits" },
		},
	],
	extensions: { cost: { requestedQueryCost: requested, actualQueryCost: null, throttleStatus: status } },
});

function tooDear(cost: number): Answer {
	return {
		errors: [
			{
				message: `Query cost is ${cost}, which exceeds the single query max cost limit (${largestCost}).\n\nSee https://shopify.dev/concepts/about-apis/rate-limits for more information on how the\ncost of a query is calculated.\n\nTo query larger amounts of data with fewer limits, bulk operations should be used instead.\nSee https://shopify.dev/tutorials/perform-bulk-operations-with-admin-api for usage details.\n`,
				extensions: {
					code: "MAX_COST_EXCEEDED",
					cost,
					maxCost: largestCost,
					documentation: "https://shopify.dev/api/usage/limits#rate-limits",
				},
			},
		],
	};
}

/** For the knob that pretends: what a throttled answer to this request would be, with nothing left. */
export async function pretendThrottled(ctx: SandboxContext, store: SandboxStore, text: string): Promise<Answer> {
	const body = readBody(text);
	const prepared = body && prepare(await shopifySchema(), body);
	const requested = prepared && "requested" in prepared ? prepared.requested : 10;
	const { status } = charge(ctx, store, 0);
	return throttled(requested, { ...status, currentlyAvailable: Math.min(status.currentlyAvailable, requested - 1) });
}

/** Lists of more than 250 rows are refused whole, before anything of the call happens. */
function largeInputs(operation: OperationDefinitionNode, variables: Record<string, unknown>): GraphQLFormattedError[] {
	const errors: GraphQLFormattedError[] = [];
	for (const field of operation.selectionSet.selections) {
		if (field.kind !== "Field") continue;
		for (const { name, value } of field.arguments ?? [])
			for (const { path, size } of listsIn(valueFromASTUntyped(value, variables)))
				if (size > largestInput)
					errors.push({
						message: `The input array size of ${size} is greater than the maximum allowed of ${largestInput}.`,
						locations: locationOf(field),
						path: [field.alias?.value ?? field.name.value, name.value, ...path],
						extensions: { code: "MAX_INPUT_SIZE_EXCEEDED" },
					});
	}
	return errors;
}

const locationOf = ({ loc }: { loc?: { startToken: { line: number; column: number } } }) =>
	loc && [{ line: loc.startToken.line, column: loc.startToken.column }];

function listsIn(value: unknown, path: string[] = []): { path: string[]; size: number }[] {
	if (Array.isArray(value)) return [{ path, size: value.length }];
	if (!value || typeof value !== "object") return [];
	return Object.entries(value).flatMap(([name, inner]) => listsIn(inner, [...path, name]));
}
