/**
 * Before every page: a content security policy under which only scripts of this very response run. Next reads the nonce
 * from the request's header and puts it on its own scripts, so pages have to be rendered per request.
 *
 * Whoever carries no session cookie is sent to sign in. That is a courtesy which saves a render: a cookie proves
 * nothing, and every page, action and route asks the gate (lib/auth/gate.ts).
 */
import { type NextRequest, NextResponse } from "next/server";
import { sessionCookies } from "@/lib/auth/session-cookies";

const isDev = process.env.NODE_ENV === "development";

const openPaths = /^\/(sign-in|sign-up|invitation)(\/|$)/;

export function proxy(request: NextRequest): NextResponse {
	const { pathname, search } = request.nextUrl;
	if (!openPaths.test(pathname) && !sessionCookies.some((name) => request.cookies.has(name))) {
		const signIn = new URL("/sign-in", request.url);
		if (pathname !== "/") signIn.searchParams.set("next", pathname + search);
		return NextResponse.redirect(signIn);
	}

	const nonce = btoa(crypto.randomUUID());
	const policy = contentSecurityPolicy(nonce);
	const headers = new Headers(request.headers);
	headers.set("x-nonce", nonce);
	headers.set("content-security-policy", policy);
	const response = NextResponse.next({ request: { headers } });
	response.headers.set("content-security-policy", policy);
	return response;
}

function contentSecurityPolicy(nonce: string): string {
	return [
		"default-src 'self'",
		// React needs eval in development only, for readable stacks.
		`script-src 'self' 'nonce-${nonce}' 'strict-dynamic'${isDev ? " 'unsafe-eval'" : ""}`,
		// Components set positions by style attributes and the toaster brings its own sheet; styles run no code.
		"style-src 'self' 'unsafe-inline'",
		// Pictures of products come from the stores.
		"img-src 'self' data: blob: https:",
		`connect-src 'self'${isDev ? " ws:" : ""}`,
		"font-src 'self'",
		"object-src 'none'",
		"base-uri 'self'",
		"form-action 'self'",
		"frame-ancestors 'none'",
	].join("; ");
}

export const config = {
	matcher: [{ source: "/((?!api/|sandbox/[a-z0-9_]+/|_next/|favicon|.*\\.(?:ico|png|svg|txt|webmanifest)$).*)" }],
};
