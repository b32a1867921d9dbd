"use client";

import "./globals.css";

/** The last resort: the root layout itself failed, so nothing of it can be used. */
export default function GlobalError({ error, reset }: { error: Error & { digest?: string }; reset: () => void }) {
	return (
		<html lang="en">
			<body className="mx-auto flex min-h-dvh max-w-[380px] flex-col justify-center gap-4 px-5">
				<title>Onecount did not load</title>
				<h1 className="text-title">Onecount did not load</h1>
				<p className="text-muted">
					Something broke on our side; your stock is not touched by it. {error.digest && `Quote ${error.digest}.`}
				</p>
				<button type="button" onClick={reset} className="h-9 rounded-btn bg-ink px-3 text-on-ink">
					Load it again
				</button>
			</body>
		</html>
	);
}
