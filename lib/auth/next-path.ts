export const home = "/overview";

/** Where to go after signing in: a path of ours, or home. Never another host (`//evil`, `/\evil`), never back to sign-in. */
export function safeNext(wanted: unknown): string {
	if (typeof wanted !== "string" || !/^\/(?![/\\])/.test(wanted)) return home;
	// The address parser drops tabs and newlines, which would turn "/\t/evil" into "//evil".
	if (/[\\\s]/.test(wanted) || /^\/(sign-in|sign-up|api)(\/|\?|$)/.test(wanted)) return home;
	return wanted;
}
