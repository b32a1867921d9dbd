/** Variables of a request, checked as Shopify checks them: everything that is wrong with one variable is one error. */
import {
	coerceInputValue,
	GraphQLEnumType,
	type GraphQLFormattedError,
	type GraphQLInputType,
	type GraphQLSchema,
	getLocation,
	getNamedType,
	isInputType,
	isListType,
	isNonNullType,
	type OperationDefinitionNode,
	print,
	typeFromAST,
} from "graphql";
import { isGlobalId } from "./ids";

type Problem = { path: (string | number)[]; explanation: string };

export function invalidVariables(
	schema: GraphQLSchema,
	operation: OperationDefinitionNode,
	variables: Record<string, unknown>,
): GraphQLFormattedError[] {
	const errors: GraphQLFormattedError[] = [];
	for (const definition of operation.variableDefinitions ?? []) {
		const name = definition.variable.name.value;
		const type = typeFromAST(schema, definition.type as never) as GraphQLInputType | undefined;
		if (!type || !isInputType(type)) continue;
		const value = variables[name];
		const problems: Problem[] = [];
		if (value == null) {
			if (isNonNullType(type) && !(value === undefined && definition.defaultValue))
				problems.push({ path: [], explanation: "Expected value to not be null" });
		} else collectProblems(value, type, problems);
		if (problems.length === 0) continue;
		const named = problems.filter(({ path }) => path.length > 0);
		const detail = named.map(({ path, explanation }) => `${path.join(".")} (${explanation})`).join(", ");
		const at = definition.loc && getLocation(definition.loc.source, definition.loc.start);
		errors.push({
			message: `Variable $${name} of type ${print(definition.type)} was provided invalid value${detail ? ` for ${detail}` : ""}`,
			locations: at ? [at] : undefined,
			extensions: { code: "INVALID_VARIABLE", value: value ?? null, problems },
		});
	}
	return errors;
}

function collectProblems(value: unknown, type: GraphQLInputType, problems: Problem[]): void {
	coerceInputValue(value, type, (path, invalid, error) => problems.push(sayProblem([...path], invalid, error.message)));
	collectInvalidIds(value, type, [], problems);
}

function sayProblem(path: (string | number)[], value: unknown, message: string): Problem {
	const unknownField = /^Field "(\w+)" is not defined by type "(\w+)"/.exec(message);
	if (unknownField?.[1])
		return { path: [...path, unknownField[1]], explanation: `Field is not defined on ${unknownField[2]}` };
	const missing = /^Field "(\w+)" of required type/.exec(message);
	if (missing?.[1]) return { path: [...path, missing[1]], explanation: "Expected value to not be null" };
	if (/^Expected non-nullable type/.test(message)) return { path, explanation: "Expected value to not be null" };
	if (/does not exist in "(\w+)" enum/.test(message))
		return { path, explanation: `Expected ${JSON.stringify(value)} to be one of the enum's values` };
	const scalar = /^(\w+) cannot represent/.exec(message)?.[1];
	if (scalar) return { path, explanation: `Could not coerce value ${JSON.stringify(value)} to ${scalar}` };
	return { path, explanation: message };
}

/** Enum values by name, ids by form: two things that graphql-js leaves to the server. */
function collectInvalidIds(
	value: unknown,
	type: GraphQLInputType,
	path: (string | number)[],
	problems: Problem[],
): void {
	if (value == null) return;
	if (isNonNullType(type)) {
		collectInvalidIds(value, type.ofType, path, problems);
		return;
	}
	if (isListType(type)) {
		const rows = Array.isArray(value) ? value : [value];
		for (const [index, row] of rows.entries()) collectInvalidIds(row, type.ofType, [...path, index], problems);
		return;
	}
	if ("getFields" in type) {
		for (const field of Object.values(type.getFields()))
			collectInvalidIds((value as Record<string, unknown>)[field.name], field.type, [...path, field.name], problems);
		return;
	}
	if (getNamedType(type).name === "ID" && !isGlobalId(String(value)))
		problems.push({ path, explanation: `Invalid global id '${String(value)}'` });
	if (type instanceof GraphQLEnumType) {
		const problem = problems.find((known) => known.path.join(".") === path.join("."));
		if (problem)
			problem.explanation = `Expected ${JSON.stringify(value)} to be one of: ${type
				.getValues()
				.map(({ name }) => name)
				.join(", ")}`;
	}
}
