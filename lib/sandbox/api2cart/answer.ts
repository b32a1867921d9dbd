/** One request from its arrival to its envelope. */
import { labelRequest } from "../context";
import type { SandboxContext, SandboxStore } from "../sandbox-platform";
import { workOff } from "./batch-api";
import { type Behind, openCart } from "./carts";
import { landDue } from "./change-stock";
import { keepFields, parseFields } from "./fields";
import { enter, spend } from "./gate";
import { once } from "./idempotency";
import { lookForNews } from "./news";
import { groups, isOffered, type Route, routes } from "./routes";
import { settingsOf } from "./settings";
import { A2cError, badParameter, type Call, errorAnswer, jsonResponse, type StoreCall, wholeAnswer } from "./wire";

export async function answerCall(
	behind: Behind,
	ctx: SandboxContext,
	store: SandboxStore,
	request: Request,
	path: string,
): Promise<Response> {
	try {
		return jsonResponse(await answer(behind, ctx, store, request, path));
	} catch (error) {
		if (!(error instanceof A2cError)) throw error;
		return jsonResponse(errorAnswer(settingsOf(store), error));
	}
}

async function answer(
	behind: Behind,
	ctx: SandboxContext,
	store: SandboxStore,
	request: Request,
	path: string,
): Promise<object> {
	const [, method = ""] = /^\/v1\.1\/([\w.]+)\.json$/.exec(path) ?? [];
	if (method === "") throw new A2cError(3, "Method not specified.");
	if (request.headers.get("x-api-key") !== store.secrets.accountKey)
		throw new A2cError(2, "Incorrect API key or IP address is not allowed.");
	if (settingsOf(store).isKeyOff) throw new A2cError(6, "API key is disabled.");
	const route = Object.hasOwn(routes, method) ? routes[method] : undefined;
	if (!route || route.verb !== request.method) throw new A2cError(3, `Method ${method} not found.`);
	labelRequest(request, route.what);
	const settings = settingsOf(store);
	const call: Call = {
		ctx,
		store,
		settings,
		behind,
		request,
		method,
		query: new URL(request.url).searchParams,
		body: await readBody(request),
	};
	const leave = enter(store.id, settings.mostCalls.account, 10);
	try {
		if (route.of === "account") return shown(call, route, wholeAnswer(await route.answer(call)));
		return await atStore(call, route);
	} finally {
		leave();
	}
}

async function atStore(call: Call, route: Route & { of: "store" }): Promise<object> {
	const { ctx, store, settings, method, request, behind } = call;
	const storeKey = request.headers.get("x-store-key") ?? "";
	const cart = storeKey === "" ? null : await openCart(ctx, behind, store, storeKey);
	if (!cart) throw new A2cError(4, "Store access denied: incorrect store key.");
	const leave = enter(`${store.id} ${storeKey}`, settings.mostCalls.store, 7);
	try {
		const asked: StoreCall = { ...call, cart };
		if (!isOffered(settings, method)) throw badParameter(`Method ${method} is not supported by this store.`);
		if (!settings.isConnected && !method.startsWith("webhook.")) {
			await lookForNews(ctx, store, cart);
			throw new A2cError(100, "Store API access error.");
		}
		spend(storeKey, settings, ctx.now());
		await landDue(ctx, behind, store);
		await workOff(asked);
		const work = async () => {
			const reply = wholeAnswer(await route.answer(asked));
			const { answersWrites: instead } = settings;
			if (instead && route.what === "write") throw new A2cError(instead.code, instead.message);
			return reply;
		};
		const reply = route.takesKey ? await once(asked, () => remembered(asked, work)) : await work();
		await lookForNews(ctx, store, cart);
		return shown(asked, route, reply);
	} finally {
		leave();
	}
}

/** A refusal is a reply, too. */
async function remembered({ settings }: StoreCall, work: () => Promise<object>): Promise<object> {
	try {
		return await work();
	} catch (error) {
		if (!(error instanceof A2cError)) throw error;
		return errorAnswer(settings, error);
	}
}

async function readBody(request: Request): Promise<Record<string, unknown>> {
	const text = request.method === "GET" ? "" : await request.text();
	if (text === "") return {};
	try {
		const body: unknown = JSON.parse(text);
		if (typeof body === "object" && body !== null && !Array.isArray(body)) return body as Record<string, unknown>;
	} catch {}
	throw badParameter("Request body is not valid JSON.");
}

/** Only what was asked for, or what is usual; the pagination, too. */
function shown({ query }: Call, route: Route, reply: object): object {
	const fields = query.get("response_fields");
	if (fields !== null && route.verb === "GET") {
		const kept = keepFields(reply, parseFields(fields)) as object;
		return { return_code: 0, return_message: "", ...kept };
	}
	if (route.params === undefined) return reply;
	const params = query.get("params") ?? route.params;
	if (params === "force_all" || !("result" in reply)) return reply;
	const names = new Set(params.split(",").flatMap((name) => [name.trim(), ...(groups[name.trim()] ?? [])]));
	const cut = (entity: unknown) =>
		Object.fromEntries(Object.entries(entity as object).filter(([name]) => names.has(name)));
	const { result } = reply as { result: Record<string, unknown> };
	if (!route.entity) return { ...reply, result: cut(result) };
	const entities = result[route.entity] as unknown[];
	return { ...reply, result: { ...result, [route.entity]: entities.map(cut) } };
}
