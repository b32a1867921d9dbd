/** What is wrong with a document, as Shopify says it. Texts and codes are those of recorded answers. */
import {
	type ASTNode,
	BREAK,
	type DocumentNode,
	type GraphQLError,
	type GraphQLFormattedError,
	Kind,
	print,
	visit,
} from "graphql";

type Said = { message: string; extensions: Record<string, unknown> };

const sayings: { form: RegExp; say(match: string[], place: Place): Said }[] = [
	{
		form: /^Cannot query field "(\w+)" on type "(\w+)"/,
		say: ([, fieldName, typeName]) => ({
			message: `Field '${fieldName}' doesn't exist on type '${typeName}'`,
			extensions: { code: "undefinedField", typeName, fieldName },
		}),
	},
	{
		form: /^Unknown argument "(\w+)" on field "\w+\.(\w+)"/,
		say: ([, argumentName, name]) => ({
			message: `Field '${name}' doesn't accept argument '${argumentName}'`,
			extensions: { code: "argumentNotAccepted", name, typeName: "Field", argumentName },
		}),
	},
	{
		form: /^Field "(\w+)" is not defined by type "(\w+)"/,
		say: ([, argumentName, name]) => ({
			message: `InputObject '${name}' doesn't accept argument '${argumentName}'`,
			extensions: { code: "argumentNotAccepted", name, typeName: "InputObject", argumentName },
		}),
	},
	{
		form: /^(Field|Directive) "@?(\w+)" argument "(\w+)" of type/,
		say: ([, className, name, argument]) => ({
			message: `${className} '${name}' is missing required arguments: ${argument}`,
			extensions: { code: "missingRequiredArguments", className, name, arguments: argument },
		}),
	},
	{
		form: /^Field "(\w+)\.(\w+)" of required type "(.+?)" was not provided/,
		say: ([, inputObjectType, argumentName, type]) => ({
			message: `Argument '${argumentName}' on InputObject '${inputObjectType}' is required. Expected type ${type}`,
			extensions: {
				code: "missingRequiredInputObjectAttribute",
				argumentName,
				argumentType: type,
				inputObjectType,
			},
		}),
	},
	{
		form: /^Unknown directive "@(\w+)"/,
		say: ([, directiveName]) => ({
			message: `Directive @${directiveName} is not defined`,
			extensions: { code: "undefinedDirective", directiveName },
		}),
	},
	{
		form: /^Directive "@(\w+)" may not be used on (\w+)/,
		say: ([, name, target = ""]) => ({
			message: `'@${name}' can't be applied to ${target.toLowerCase().replace("_", " ")}s (allowed: fields)`,
			extensions: { code: "directiveCannotBeApplied", targetName: target.toLowerCase(), name },
		}),
	},
	{
		form: /^Variable "\$(\w+)" is never used(?: in operation "(\w+)")?/,
		say: ([, variableName, operation = "anonymous"]) => ({
			message: `Variable $${variableName} is declared by ${operation} but not used`,
			extensions: { code: "variableNotUsed", variableName },
		}),
	},
	{
		form: /^Variable "\$(\w+)" is not defined(?: by operation "(\w+)")?/,
		say: ([, variableName, operation = "anonymous"]) => ({
			message: `Variable $${variableName} is used by ${operation} but not declared`,
			extensions: { code: "variableNotDefined", variableName },
		}),
	},
	{
		form: /^Variable "\$(\w+)" of type "(.+?)" used in position expecting type "(.+?)"/,
		say: ([, variableName, typeName, argumentTypeName], { argument }) => ({
			message: `${typeName?.replace("!", "") === argumentTypeName?.replace("!", "") ? "Nullability" : "Type"} mismatch on variable $${variableName} and argument ${argument ?? ""} (${typeName} / ${argumentTypeName})`,
			extensions: {
				code: "variableMismatch",
				variableName,
				typeName,
				argumentName: argument,
				errorMessage: "Type mismatch",
			},
		}),
	},
	{
		form: /^Field "(\w+)" of type "(.+?)" must have a selection of subfields/,
		say: ([, nodeName, typeName]) => ({
			message: `Field must have selections (field '${nodeName}' returns ${typeName?.replace(/[[\]!]/g, "")} but has no selections. Did you mean '${nodeName} { ... }'?)`,
			extensions: { code: "selectionMismatch", nodeName: `field '${nodeName}'`, typeName },
		}),
	},
	{
		form: /^Field "(\w+)" must not have a selection since type "(.+?)" has no subfields/,
		say: ([, nodeName, typeName]) => ({
			message: `Selections can't be made on scalars (field '${nodeName}' returns ${typeName} but has selections)`,
			extensions: { code: "selectionMismatch", nodeName: `field '${nodeName}'`, typeName },
		}),
	},
	{
		form: /^Unknown type "(\w+)"/,
		say: ([, typeName]) => ({
			message: `No such type ${typeName}, so it can't be a fragment condition`,
			extensions: { code: "undefinedType", typeName },
		}),
	},
	{
		form: /^(?:Value|Expected value of type|Enum|Int|String|Boolean|Float|ID) /,
		say: (_, { field, argument, value, node }) => ({
			message: `Argument '${argument ?? ""}' on Field '${field ?? ""}' has an invalid value (${value ?? print(node)}). Expected type '${/type "(.+?)"/.exec(_[0] ?? "")?.[1] ?? ""}'.`,
			extensions: { code: "argumentLiteralsIncompatible", typeName: "Field", argumentName: argument },
		}),
	},
];

type Place = {
	path: (string | number)[];
	field: string | null;
	argument: string | null;
	value: string | null;
	node: ASTNode;
};

export function sayInvalid(error: GraphQLError, document: DocumentNode): GraphQLFormattedError {
	const node = error.nodes?.[0];
	const place = node ? placeOf(document, node) : null;
	for (const { form, say } of sayings) {
		const match = form.exec(error.message);
		if (!match || !place) continue;
		const { message, extensions } = say([error.message, ...match.slice(1)], place);
		return { message, locations: error.locations?.slice(0, 1), path: place.path, extensions };
	}
	return { message: error.message, locations: error.locations, path: place?.path, extensions: { code: "invalid" } };
}

export function sayUnparsable(error: GraphQLError): GraphQLFormattedError {
	const { line, column } = error.locations?.[0] ?? { line: 1, column: 1 };
	const found = /(?:Unexpected|found) (<EOF>|.+?)\.?$/.exec(error.message)?.[1] ?? "token";
	const what = found === "<EOF>" ? "end of file" : found;
	return {
		message: `syntax error, unexpected ${what} at [${line}, ${column}]`,
		locations: [{ line, column }],
		extensions: { code: "PARSE_ERROR" },
	};
}

/** Where a node is, in Shopify's way: the operation, fields, arguments, input fields down to it. */
function placeOf(document: DocumentNode, target: ASTNode): Place {
	let found: readonly ASTNode[] = [];
	visit(document, {
		enter(node, _key, _parent, _path, ancestors) {
			if (node !== target) return undefined;
			found = [...(ancestors.filter((ancestor) => !Array.isArray(ancestor)) as ASTNode[]), node];
			return BREAK;
		},
	});
	const place: Place = { path: [], field: null, argument: null, value: null, node: target };
	for (const node of found) {
		if (node.kind === Kind.OPERATION_DEFINITION) place.path.push(`${node.operation} ${node.name?.value ?? ""}`.trim());
		if (node.kind === Kind.FRAGMENT_DEFINITION) place.path.push(`fragment ${node.name.value}`);
		if (node.kind === Kind.FIELD) {
			place.path.push(node.alias?.value ?? node.name.value);
			place.field = node.name.value;
		}
		if (node.kind === Kind.ARGUMENT || node.kind === Kind.OBJECT_FIELD) {
			place.path.push(node.name.value);
			place.argument = node.name.value;
			place.value = print(node.value);
		}
	}
	return place;
}
