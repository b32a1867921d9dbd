/**
 * Inngest's expressions: CEL over `event` (what started the run) and `async` (what came later), with Inngest's leniency:
 * a key that is missing is null, numbers are one kind, and what cannot be compared is simply not so. CEL libraries throw
 * in these cases, so only the parser is theirs; what is beyond the part that we know is refused when it is compiled.
 */
import { type ASTNode, Environment } from "@marcbachmann/cel-js";

export type Scope = { event?: unknown; async?: unknown };
export type Expression = (scope: Scope) => unknown;

export class ExpressionError extends Error {
	override name = "ExpressionError";
}

const environment = new Environment({ unlistedVariablesAreDyn: true, homogeneousAggregateLiterals: false });
const compiled = new Map<string, Expression>();

/** Throws ExpressionError, with a sentence, when it is not CEL or goes beyond what the engine evaluates. */
export function compileExpression(text: string): Expression {
	let found = compiled.get(text);
	if (!found) {
		found = compileText(text);
		if (compiled.size > 1_000) compiled.clear();
		compiled.set(text, found);
	}
	return found;
}

export const isTrue = (expression: Expression, scope: Scope): boolean => expression(scope) === true;

/** A value as a key; different kinds of values never share one. */
export const asKey = (value: unknown): string => JSON.stringify(value ?? null);

function compileText(text: string): Expression {
	let ast: ASTNode;
	try {
		ast = environment.parse(text).ast;
	} catch (error) {
		throw new ExpressionError(`"${text}" is not an expression: ${(error as Error).message.split("\n")[0]}`);
	}
	return compile(ast, text);
}

function compile(node: ASTNode, text: string): Expression {
	const inner = (child: ASTNode) => compile(child, text);
	const refuse = (what: string): never => {
		throw new ExpressionError(`"${text}" uses ${what}, which the embedded engine does not evaluate.`);
	};
	switch (node.op) {
		case "value": {
			const value = typeof node.args === "bigint" ? Number(node.args) : node.args;
			return typeof value === "object" && value !== null ? refuse("a bytes or unsigned literal") : () => value;
		}
		case "id": {
			const name = node.args;
			if (name !== "event" && name !== "async") return refuse(`"${name}"`);
			return (scope) => scope[name] ?? null;
		}
		case ".": {
			const of = inner(node.args[0]);
			const key = node.args[1];
			return (scope) => member(of(scope), key);
		}
		case "[]": {
			const of = inner(node.args[0]);
			const key = inner(node.args[1]);
			return (scope) => member(of(scope), key(scope));
		}
		case "&&":
		case "||": {
			const [left, right] = [inner(node.args[0]), inner(node.args[1])];
			return node.op === "&&"
				? (scope) => left(scope) === true && right(scope) === true
				: (scope) => left(scope) === true || right(scope) === true;
		}
		case "!_": {
			const of = inner(node.args);
			return (scope) => of(scope) !== true;
		}
		case "-_": {
			const of = inner(node.args);
			return (scope) => number(of(scope), (n) => -n);
		}
		case "?:": {
			const [test, yes, no] = [inner(node.args[0]), inner(node.args[1]), inner(node.args[2])];
			return (scope) => (test(scope) === true ? yes(scope) : no(scope));
		}
		case "list": {
			const items = node.args.map(inner);
			return (scope) => items.map((item) => item(scope));
		}
		case "==":
		case "!=":
		case "<":
		case "<=":
		case ">":
		case ">=":
		case "+":
		case "-":
		case "*":
		case "/":
		case "%":
		case "in": {
			const apply = binary[node.op];
			const [left, right] = [inner(node.args[0]), inner(node.args[1])];
			return (scope) => apply(left(scope), right(scope));
		}
		case "call": {
			const [name, args] = node.args;
			const [first] = args.map(inner);
			if (first && args.length === 1) {
				if (name === "has") return (scope) => first(scope) !== null;
				if (name === "size") return (scope) => size(first(scope));
				if (name === "string") return (scope) => asText(first(scope));
			}
			return refuse(`${name}()`);
		}
		case "rcall": {
			const [name, receiver, args] = node.args;
			const of = inner(receiver);
			const [first] = args.map(inner);
			if (name === "size" && args.length === 0) return (scope) => size(of(scope));
			if (first && args.length === 1 && (name === "startsWith" || name === "endsWith" || name === "contains")) {
				const method = name === "contains" ? "includes" : name;
				return (scope) => {
					const [value, part] = [of(scope), first(scope)];
					return typeof value === "string" && typeof part === "string" && value[method](part);
				};
			}
			return refuse(`.${name}()`);
		}
		default:
			return refuse(`the operator "${node.op}"`);
	}
}

const binary = {
	"==": isEqual,
	"!=": (left: unknown, right: unknown) => !isEqual(left, right),
	"<": (left: unknown, right: unknown) => compare(left, right, (order) => order < 0),
	"<=": (left: unknown, right: unknown) => compare(left, right, (order) => order <= 0),
	">": (left: unknown, right: unknown) => compare(left, right, (order) => order > 0),
	">=": (left: unknown, right: unknown) => compare(left, right, (order) => order >= 0),
	"+": (left: unknown, right: unknown) =>
		typeof left === "string" || typeof right === "string"
			? `${asText(left)}${asText(right)}`
			: number(left, (a) => number(right, (b) => a + b)),
	"-": (left: unknown, right: unknown) => number(left, (a) => number(right, (b) => a - b)),
	"*": (left: unknown, right: unknown) => number(left, (a) => number(right, (b) => a * b)),
	"/": (left: unknown, right: unknown) => number(left, (a) => number(right, (b) => (b === 0 ? null : a / b))),
	"%": (left: unknown, right: unknown) => number(left, (a) => number(right, (b) => (b === 0 ? null : a % b))),
	in: (left: unknown, right: unknown) =>
		Array.isArray(right) ? right.some((item) => isEqual(left, item)) : member(right, left) !== null,
} satisfies Record<string, (left: unknown, right: unknown) => unknown>;

function member(of: unknown, key: unknown): unknown {
	if (typeof of !== "object" || of === null || (typeof key !== "string" && typeof key !== "number")) return null;
	return Object.hasOwn(of, key) ? ((of as Record<string | number, unknown>)[key] ?? null) : null;
}

function isEqual(left: unknown, right: unknown): boolean {
	if (typeof left !== "object" || left === null || typeof right !== "object" || right === null) return left === right;
	if (Array.isArray(left) !== Array.isArray(right)) return false;
	const keys = Object.keys(left);
	return (
		keys.length === Object.keys(right).length && keys.every((key) => isEqual(member(left, key), member(right, key)))
	);
}

function compare(left: unknown, right: unknown, holds: (order: number) => boolean): boolean {
	if (typeof left === "number" && typeof right === "number") return holds(left - right);
	if (typeof left === "string" && typeof right === "string") return holds(left < right ? -1 : left > right ? 1 : 0);
	return false;
}

const number = (value: unknown, then: (n: number) => unknown): unknown =>
	typeof value === "number" ? then(value) : null;

const size = (value: unknown): number =>
	typeof value === "string" || Array.isArray(value)
		? value.length
		: typeof value === "object" && value !== null
			? Object.keys(value).length
			: 0;

const asText = (value: unknown): string =>
	value === null || value === undefined ? "" : typeof value === "object" ? JSON.stringify(value) : String(value);
