/** What a route of the public API is: its contract, from which requests are checked and the description is made, and its verb. */
import type { z } from "zod";
import type { Transaction } from "@/db/client";
import type { ApiScope } from "@/lib/format/api-scopes";
import type { KeyContext } from "../api-keys/find-key";
import type { ProblemStatus } from "./problem";

type Input<P extends z.ZodObject, Q extends z.ZodObject, B extends z.ZodType | null> = {
	params: z.output<P>;
	query: z.output<Q>;
	body: B extends z.ZodType ? z.output<B> : undefined;
};
type AnyInput = Input<z.ZodObject, z.ZodObject, z.ZodType>;

/** A refusal, or what the route promises; and whom to wake once it is committed. */
export type Answer<A = unknown> =
	| { status: 200 | 201; body: A; pendingChannelIds: readonly string[] }
	| { status: ProblemStatus; body: Record<string, unknown>; pendingChannelIds?: readonly string[] };

/** Of an Idempotency-Key header. */
export const idempotencyKeyForm = /^[\x21-\x7e]{1,255}$/;

export type Contract = {
	method: "GET" | "POST" | "PUT";
	/** Below /api/v1, with its parameters in braces. */
	path: string;
	operationId: string;
	summary: string;
	/** What a reader has to know beyond the summary. */
	description?: string;
	scope: ApiScope;
	params: z.ZodObject;
	query: z.ZodObject;
	body: z.ZodType | null;
	answer: { status: 200 | 201; description: string; schema: z.ZodType };
	/** What it refuses with, beyond what every route does. */
	refusals: Partial<Record<ProblemStatus, string>>;
};

/**
 * `read`: answers from what is there. `write`: changes it, under an Idempotency-Key, in the transaction that also keeps
 * the answer; `requestId` names the request once and for all.
 */
export type ApiRoute = Contract &
	(
		| { read: (ctx: KeyContext, input: AnyInput) => Promise<unknown> }
		| {
				write: (tx: Transaction, ctx: KeyContext, input: AnyInput, requestId: string) => Promise<Answer>;
		  }
	);

type ContractOf<P, Q, B, A> = Omit<Contract, "params" | "query" | "body" | "answer"> & {
	params: P;
	query: Q;
	body: B;
	answer: Omit<Contract["answer"], "schema"> & { schema: A };
};

/** Ties a route's verb to the schemas of its contract. */
export const reading = <P extends z.ZodObject, Q extends z.ZodObject, A extends z.ZodType>(
	route: ContractOf<P, Q, null, A> & {
		read: (ctx: KeyContext, input: Input<P, Q, null>) => Promise<z.input<A>>;
	},
): ApiRoute => route as unknown as ApiRoute;

export const writing = <P extends z.ZodObject, Q extends z.ZodObject, B extends z.ZodType | null, A extends z.ZodType>(
	route: ContractOf<P, Q, B, A> & {
		write: (tx: Transaction, ctx: KeyContext, input: Input<P, Q, B>, requestId: string) => Promise<Answer<z.input<A>>>;
	},
): ApiRoute => route as unknown as ApiRoute;
