/**
 * What a query costs. The rule is fitted to recorded answers of the real API and reproduces them: a scalar is free, an
 * object and a list of objects cost 1, a connection costs 2 and, per node, what the node costs, counted as if there
 * were ⌊2 ln n⌋ nodes (1 at least). A mutation costs 10, which includes its payload and the payload's own objects.
 */
import {
	type DocumentNode,
	type FieldNode,
	type FragmentDefinitionNode,
	GraphQLInterfaceType,
	type GraphQLNamedType,
	GraphQLObjectType,
	type GraphQLOutputType,
	type GraphQLSchema,
	GraphQLUnionType,
	getNamedType,
	getNullableType,
	isListType,
	type OperationDefinitionNode,
	type SelectionSetNode,
} from "graphql";

export const largestCost = 1_000;
const mutationCost = 10;
const connectionCost = 2;
/** `productsCount` and its like. */
const countCost = 10;
const leastCost = 1;
/** Rows of one list hardly differ in cost. */
const rowsLookedAt = 10;

type Variables = Record<string, unknown>;
type Counting = {
	schema: GraphQLSchema;
	fragments: Map<string, FragmentDefinitionNode>;
	variables: Variables;
	/** Fields of a selection, by what it is made on: the same for every row of a list. */
	fields: Map<SelectionSetNode, Map<string, Map<string, CountedField>>>;
};
type Json = unknown;

const sizeOf = (nodes: number) => (nodes <= 0 ? 0 : Math.max(1, Math.floor(2 * Math.log(nodes))));

/** Before it runs, from `first` and `last`; after it ran, from what came back. */
export function costOf(
	schema: GraphQLSchema,
	document: DocumentNode,
	operation: OperationDefinitionNode,
	variables: Variables,
	answered?: { data: Json },
): number {
	const root = schema.getRootType(operation.operation);
	if (!root) return 0;
	const fragments = new Map(
		document.definitions.flatMap((definition) =>
			definition.kind === "FragmentDefinition" ? [[definition.name.value, definition] as const] : [],
		),
	);
	const defaults = Object.fromEntries(
		(operation.variableDefinitions ?? []).flatMap(({ variable, defaultValue }) =>
			defaultValue?.kind === "IntValue" ? [[variable.name.value, Number(defaultValue.value)]] : [],
		),
	);
	const counting: Counting = { schema, fragments, variables: { ...defaults, ...variables }, fields: new Map() };
	if (operation.operation !== "mutation")
		return Math.max(leastCost, selectionCost(counting, operation.selectionSet, root, answered));
	let cost = 0;
	for (const [key, field] of fieldsOf(counting, operation.selectionSet, root, null)) {
		const payload = field.type && getNamedType(field.type);
		const data = answered && { data: (answered.data as Record<string, Json> | null)?.[key] };
		cost += mutationCost;
		if (!payload || (answered && data?.data == null) || !field.node.selectionSet) continue;
		for (const [childKey, child] of fieldsOf(counting, field.node.selectionSet, payload, null)) {
			const childType = child.type && getNamedType(child.type);
			if (!childType || !child.node.selectionSet) continue;
			const childData = data && { data: firstOf((data.data as Record<string, Json>)[childKey]) };
			if (childData && childData.data == null) continue;
			cost += selectionCost(counting, child.node.selectionSet, childType, childData);
		}
	}
	return cost;
}

function selectionCost(
	counting: Counting,
	selection: SelectionSetNode,
	parent: GraphQLNamedType,
	answered?: { data: Json },
): number {
	if (answered && (answered.data === null || typeof answered.data !== "object")) return 0;
	const typename = (answered?.data as { __typename?: string } | undefined)?.__typename ?? null;
	let cost = 0;
	for (const [key, { node, type }] of fieldsOf(counting, selection, parent, typename)) {
		const named = type && getNamedType(type);
		if (!type || !named || !node.selectionSet) continue;
		const value = answered && { data: (answered.data as Record<string, Json>)[key] };
		if (named.name === "PageInfo") continue;
		// What turned out to be nothing is charged as one object.
		if (value && value.data == null) {
			cost += 1;
			continue;
		}
		if (named.name === "Count" && parent.name === "QueryRoot") cost += countCost;
		else if (named.name.endsWith("Connection")) cost += connectionOf(counting, node, named, value);
		else if (isListType(getNullableType(type as GraphQLOutputType)))
			cost += listCost(counting, node.selectionSet, named, value);
		else cost += 1 + selectionCost(counting, node.selectionSet, named, value);
	}
	return cost;
}

function connectionOf(counting: Counting, node: FieldNode, connection: GraphQLNamedType, answered?: { data: Json }) {
	let nodes = Number(argument(counting, node, "first") ?? argument(counting, node, "last") ?? 0);
	let child = 0;
	let isCounted = false;
	for (const [key, { node: field, type }] of fieldsOf(counting, node.selectionSet, connection, null)) {
		const named = type && getNamedType(type);
		if (!named || !field.selectionSet || !["nodes", "edges"].includes(field.name.value)) continue;
		const rows = (answered?.data as Record<string, Json[] | undefined> | undefined)?.[key];
		if (answered) nodes = rows?.length ?? 0;
		if (answered && rows) {
			// What the dearest of the rows costs stands for all of them.
			const costs = rows.slice(0, rowsLookedAt).map((row) => rowCost(counting, field, named, { data: row }));
			child = Math.max(child, 0, ...costs);
		} else child = Math.max(child, rowCost(counting, field, named));
		isCounted = true;
	}
	return connectionCost + (isCounted ? sizeOf(nodes) * child : 0);
}

/** A node by itself, or the node within an edge. */
function rowCost(counting: Counting, field: FieldNode, named: GraphQLNamedType, answered?: { data: Json }): number {
	if (field.name.value === "nodes")
		return 1 + selectionCost(counting, field.selectionSet as SelectionSetNode, named, answered);
	return selectionCost(counting, field.selectionSet as SelectionSetNode, named, answered);
}

function listCost(
	counting: Counting,
	selection: SelectionSetNode,
	named: GraphQLNamedType,
	answered: { data: Json } | undefined,
): number {
	if (!answered) return 1 + selectionCost(counting, selection, named);
	const rows = (answered.data as Json[]).filter((row) => row != null).slice(0, rowsLookedAt);
	if (rows.length === 0) return 0;
	return 1 + Math.max(...rows.map((row) => selectionCost(counting, selection, named, { data: row })));
}

type CountedField = { node: FieldNode; type: GraphQLOutputType | null };

/** Fields by response key; of fragments on different types the dearest would count, so all are taken. */
function fieldsOf(
	counting: Counting,
	selection: SelectionSetNode | undefined,
	parent: GraphQLNamedType,
	typename: string | null,
): Map<string, CountedField> {
	if (!selection) return new Map();
	let byType = counting.fields.get(selection);
	if (!byType) {
		byType = new Map();
		counting.fields.set(selection, byType);
	}
	const key = `${parent.name} ${typename}`;
	let found = byType.get(key);
	if (!found) {
		found = new Map();
		collectFields(counting, selection, parent, typename, found);
		byType.set(key, found);
	}
	return found;
}

function collectFields(
	counting: Counting,
	selection: SelectionSetNode,
	parent: GraphQLNamedType,
	typename: string | null,
	found: Map<string, CountedField>,
): void {
	for (const node of selection.selections) {
		if (!isIncluded(counting, node.directives)) continue;
		if (node.kind === "Field") {
			const key = node.alias?.value ?? node.name.value;
			const fields = "getFields" in parent ? parent.getFields() : {};
			const type = (fields[node.name.value] as { type?: GraphQLOutputType } | undefined)?.type ?? null;
			if (!found.has(key)) found.set(key, { node, type });
			continue;
		}
		const fragment = node.kind === "FragmentSpread" ? counting.fragments.get(node.name.value) : node;
		const condition = fragment?.typeCondition?.name.value;
		const type = condition ? counting.schema.getType(condition) : parent;
		if (!fragment || !type) continue;
		if (typename && condition && !covers(counting.schema, type, typename)) continue;
		collectFields(counting, fragment.selectionSet, type, typename, found);
	}
}

function covers(schema: GraphQLSchema, type: GraphQLNamedType, typename: string): boolean {
	if (type.name === typename) return true;
	const actual = schema.getType(typename);
	return (
		actual instanceof GraphQLObjectType &&
		(type instanceof GraphQLInterfaceType || type instanceof GraphQLUnionType) &&
		schema.isSubType(type, actual)
	);
}

function isIncluded(counting: Counting, directives: FieldNode["directives"]): boolean {
	for (const { name, arguments: given } of directives ?? []) {
		if (name.value !== "include" && name.value !== "skip") continue;
		const value = given?.[0]?.value;
		const condition =
			value?.kind === "Variable" ? counting.variables[value.name.value] : value?.kind === "BooleanValue" && value.value;
		if (Boolean(condition) !== (name.value === "include")) return false;
	}
	return true;
}

function argument(counting: Counting, node: FieldNode, name: string): unknown {
	const value = node.arguments?.find((candidate) => candidate.name.value === name)?.value;
	if (!value) return undefined;
	if (value.kind === "Variable") return counting.variables[value.name.value];
	if (value.kind === "IntValue") return Number(value.value);
	return undefined;
}

const firstOf = (value: Json): Json => (Array.isArray(value) ? value[0] : value);
