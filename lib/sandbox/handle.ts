/** The wire door of every sandbox store: finds the store, lets the knobs have their way, asks the platform. */
import { env } from "@/lib/env";
import { findStore, labelOf, type SandboxHost, sandboxContext } from "./context";
import {
	brokenResponse,
	drawFate,
	drawLatency,
	knobsOf,
	longestSilenceMs,
	pause,
	shortened,
	strangersAnswer,
} from "./knobs";
import { sandboxPlatform } from "./platforms";
import { recordRequest } from "./requests";
import type { FailureKind, SandboxContext, SandboxPlatform, SandboxStore } from "./sandbox-platform";

/** `/sandbox/<platform>/<store><path>` */
const address = /^\/sandbox\/([a-z0-9_]+)\/([A-Za-z0-9_-]+)(\/.*)?$/;

/** `host` is for a server that carries nothing but the sandbox; without it the installation's own address and switch. */
export async function handleSandboxRequest(request: Request, host?: SandboxHost): Promise<Response> {
	if (!host && !env().sandbox) return notFound();
	const url = new URL(request.url);
	const [, platformName = "", storeId = "", path = "/"] = address.exec(url.pathname) ?? [];
	const platform = sandboxPlatform(platformName);
	if (!platform) return notFound();
	const ctx = sandboxContext(host ?? { origin: env().publicUrl ?? url.origin });
	const store = await findStore(ctx.db, storeId);
	if (store?.platform !== platformName) return notFound();

	const at = ctx.now();
	const started = performance.now();
	const response = await answer(ctx, platform, store, request, path);
	recordRequest(ctx.db, {
		storeId,
		at,
		method: request.method,
		path,
		status: response.status,
		ms: performance.now() - started,
		what: labelOf(request),
	});
	return response;
}

async function answer(
	ctx: SandboxContext,
	platform: SandboxPlatform,
	store: SandboxStore,
	request: Request,
	path: string,
): Promise<Response> {
	const knobs = knobsOf(store);
	const fate = drawFate(knobs, ctx.random);
	const { thereMs, backMs } = drawLatency(knobs, ctx.random);
	await pause(thereMs);
	switch (fate.fate) {
		case "silent":
			await pause(longestSilenceMs, request.signal);
			return new Response(null, { status: 504 });
		case "failed": {
			const response = await fail(ctx, platform, store, fate.kind, request, path);
			await pause(backMs);
			return response;
		}
		case "applied_then_failed": {
			// The failure is worded from a copy: the platform reads the body of the original.
			const copy = request.clone() as Request;
			await platform.handle(ctx, store, request, path);
			await pause(backMs);
			return fate.how === "broken" ? brokenResponse() : await fail(ctx, platform, store, "error", copy, path);
		}
		case "garbled": {
			const { how } = fate;
			const response =
				how === "page" || how === "redirect"
					? strangersAnswer(how)
					: await shortened(await platform.handle(ctx, store, request, path), how);
			await pause(backMs);
			return response;
		}
		case "answered": {
			const response = await platform.handle(ctx, store, request, path);
			await pause(backMs);
			return response;
		}
	}
}

async function fail(
	ctx: SandboxContext,
	platform: SandboxPlatform,
	store: SandboxStore,
	kind: FailureKind,
	request: Request,
	path: string,
): Promise<Response> {
	if (platform.failure) return platform.failure(ctx, store, kind, request, path);
	return kind === "throttled"
		? new Response("Too Many Requests", { status: 429, headers: { "retry-after": "2" } })
		: new Response("Service Unavailable", { status: 503 });
}

const notFound = () => new Response("Not Found", { status: 404, headers: { "content-type": "text/plain" } });
