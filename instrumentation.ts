/** Next calls this once per process, before the first request. */
export async function register(): Promise<void> {
	if (process.env.NEXT_RUNTIME !== "nodejs" || process.env.NEXT_PHASE === "phase-production-build") return;
	const { startBackground } = await import("@/lib/launch/background");
	await startBackground();
}
