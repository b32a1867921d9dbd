import type { ReactNode } from "react";
import { Logo } from "@/components/layout/logo";

/** One question on an empty page. */
export function AuthCard({
	title,
	hint,
	footer,
	children,
}: {
	title: string;
	hint?: ReactNode;
	footer?: ReactNode;
	children?: ReactNode;
}) {
	return (
		<main className="mx-auto flex min-h-dvh w-full max-w-[380px] flex-col justify-center gap-6 px-5 py-12">
			<div className="flex items-center gap-2 text-figure font-[620] tracking-[-0.02em]">
				<Logo />
				Onecount
			</div>
			<div>
				<h1 className="text-title">{title}</h1>
				{hint && <p className="mt-1 text-muted">{hint}</p>}
			</div>
			{children}
			{footer && <p className="text-muted [&_a]:text-text [&_a]:underline [&_a]:underline-offset-3">{footer}</p>}
		</main>
	);
}
