import { clsx } from "clsx";
import Link from "next/link";
import type { ComponentProps, ReactNode } from "react";
import { Kbd } from "./kbd";

/** `ink` is the one thing to do next on a page; `plain` everything else; `quiet` has no frame; `bad` cannot be undone. */
export type ButtonKind = "ink" | "plain" | "quiet" | "bad";

const kinds: Record<ButtonKind, string> = {
	ink: "border-ink bg-ink text-on-ink hover:opacity-88",
	plain: "border-line-strong bg-panel hover:bg-sunk data-popup-open:bg-sunk aria-pressed:bg-sunk",
	quiet: "border-transparent text-muted hover:bg-sunk hover:text-text data-popup-open:bg-sunk",
	bad: "border-line-strong bg-panel text-bad hover:bg-bad-soft",
};

const frame =
	"touch inline-flex h-7.5 shrink-0 select-none items-center justify-center gap-1.5 rounded-btn border px-2.75 whitespace-nowrap transition-[background-color,opacity] disabled:cursor-not-allowed disabled:opacity-45 aria-disabled:cursor-not-allowed aria-disabled:opacity-45 max-md:h-9";

export const buttonStyle = (kind: ButtonKind = "plain") => clsx(frame, kinds[kind]);

type Looks = {
	kind?: ButtonKind;
	/** The key that does the same, shown where it acts. */
	hint?: string;
	/** Its work is under way: it can't be pressed again and says so to a screen reader. */
	isBusy?: boolean;
	icon?: ReactNode;
};

export function Button({
	kind = "plain",
	hint,
	isBusy = false,
	icon,
	children,
	className,
	disabled,
	type = "button",
	...rest
}: Looks & ComponentProps<"button">) {
	return (
		<button
			{...rest}
			type={type}
			disabled={disabled || isBusy}
			aria-busy={isBusy || undefined}
			className={clsx(buttonStyle(kind), className)}
		>
			{icon}
			{children}
			{hint && <Kbd onInk={kind === "ink"}>{hint}</Kbd>}
		</button>
	);
}

export function ButtonLink({
	kind = "plain",
	hint,
	icon,
	children,
	className,
	...rest
}: Omit<Looks, "isBusy"> & ComponentProps<typeof Link>) {
	return (
		<Link {...rest} className={clsx(buttonStyle(kind), className)}>
			{icon}
			{children}
			{hint && <Kbd onInk={kind === "ink"}>{hint}</Kbd>}
		</Link>
	);
}

/** A square button of one icon; its label is spoken and shown as a tooltip by the browser. */
export function IconButton({
	label,
	children,
	className,
	type = "button",
	...rest
}: { label: string } & ComponentProps<"button">) {
	return (
		<button
			{...rest}
			type={type}
			aria-label={label}
			title={label}
			className={clsx(
				"touch inline-grid size-7 shrink-0 place-items-center rounded-md text-muted transition-[background-color] hover:bg-sunk hover:text-text disabled:opacity-45 [&>svg]:size-4",
				className,
			)}
		>
			{children}
		</button>
	);
}
