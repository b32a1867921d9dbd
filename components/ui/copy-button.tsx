"use client";

import { Check, Copy } from "lucide-react";
import { useState } from "react";
import { IconButton } from "./button";
import { showFailed } from "./toast";

const sayRefused = () =>
	showFailed("The browser did not allow copying", { detail: "Select the text and copy it by hand." });

/** Copies a text; that it is done is said in its own place. */
export function CopyButton({
	label,
	text,
	className,
	onRefused = sayRefused,
}: {
	label: string;
	text: string;
	className?: string;
	/** The browser gave no permission. */
	onRefused?: () => void;
}) {
	const [isCopied, setIsCopied] = useState(false);
	const copy = async () => {
		try {
			await navigator.clipboard.writeText(text);
			setIsCopied(true);
			setTimeout(() => setIsCopied(false), 1_500);
		} catch {
			onRefused();
		}
	};
	return (
		<IconButton label={isCopied ? "Copied" : label} onClick={copy} className={className}>
			{isCopied ? <Check aria-hidden /> : <Copy aria-hidden />}
		</IconButton>
	);
}
