import { clsx } from "clsx";
import type { ComponentProps, ReactNode } from "react";
import { useId } from "react";
import { StateShape } from "./state-shape";

type PanelProps = {
	/** Without a title there is no header; then give `aria-label`. */
	title?: ReactNode;
	/** A platform's plate or a state's shape, before the title. */
	lead?: ReactNode;
	/** A count or tag right behind the title. */
	tag?: ReactNode;
	/** A grey half-sentence after the title; hidden on phones. */
	hint?: ReactNode;
	/** At the right end of the header; a plain string is grey. */
	actions?: ReactNode;
	footer?: ReactNode;
	/** Padding around the body; tables and lists bring their own. */
	isPadded?: boolean;
} & Omit<ComponentProps<"section">, "title">;

/** Paper with one hairline: a header that says what is in it, and the body. */
export function Panel({
	title,
	lead,
	tag,
	hint,
	actions,
	footer,
	isPadded = false,
	className,
	children,
	...rest
}: PanelProps) {
	const titleId = useId();
	return (
		<section
			{...rest}
			aria-labelledby={title ? titleId : rest["aria-labelledby"]}
			className={clsx("min-w-0 rounded-lg border bg-panel", className)}
		>
			{title && (
				<header className="flex min-h-10 items-center gap-2 border-b px-3.5 py-1">
					{lead}
					<h2 id={titleId} className="min-w-0 md:truncate">
						{title}
					</h2>
					{tag}
					{hint && <span className="min-w-0 truncate text-small text-muted max-md:hidden">{hint}</span>}
					{actions && (
						<div className="ml-auto flex shrink-0 items-center gap-2 text-small text-muted [&>*]:text-body">
							{actions}
						</div>
					)}
				</header>
			)}
			{isPadded ? <div className="px-3.5 py-3">{children}</div> : children}
			{footer && (
				<footer className="flex min-h-10 flex-wrap items-center gap-2 border-t px-3.5 py-2 text-small text-muted">
					{footer}
				</footer>
			)}
		</section>
	);
}

/** Why a panel shows nothing: nothing yet, filtered to nothing, it failed, or the role is not enough. */
export type PanelStateKind = "empty" | "filtered" | "failed" | "forbidden";

/** The body of a panel that has nothing to show: one sentence, one action, and the ghost of what comes. */
export function PanelState({
	kind,
	sentence,
	detail,
	action,
	secondary,
	ghost,
}: {
	kind: PanelStateKind;
	/** What will appear here, or what happened. */
	sentence: ReactNode;
	/** Who can grant it, the request id, what is needed. */
	detail?: ReactNode;
	action?: ReactNode;
	secondary?: ReactNode;
	/** Rows of the real layout without content, for `empty`. */
	ghost?: ReactNode;
}) {
	return (
		<div className="relative" role={kind === "failed" ? "alert" : undefined}>
			{ghost && (
				<div aria-hidden className="pointer-events-none opacity-50 [mask-image:linear-gradient(black,transparent)]">
					{ghost}
				</div>
			)}
			<div
				className={clsx(
					"flex flex-col items-center gap-1 px-6 py-10 text-center text-balance",
					ghost && "absolute inset-0 justify-center",
				)}
			>
				{kind === "failed" && <StateShape kind="off" className="mb-1" />}
				{kind === "forbidden" && <StateShape kind="hold" className="mb-1" />}
				<p className="font-semibold">{sentence}</p>
				{detail && <p className="max-w-[52ch] text-small text-muted">{detail}</p>}
				{(action || secondary) && (
					<div className="mt-3 flex flex-wrap justify-center gap-2">
						{action}
						{secondary}
					</div>
				)}
			</div>
		</div>
	);
}
