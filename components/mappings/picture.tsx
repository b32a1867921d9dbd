"use client";

import { useState } from "react";

/** A product's picture, or, where the store has none, its initials on a ground of its own. */
export function Picture({ url, name, className = "size-6" }: { url: string | null; name: string; className?: string }) {
	const [isBroken, setIsBroken] = useState(false);
	if (url && !isBroken)
		return (
			// biome-ignore lint/performance/noImgElement: pictures lie on the stores' own servers, at any address
			<img
				src={url}
				alt=""
				loading="lazy"
				decoding="async"
				referrerPolicy="no-referrer"
				onError={() => setIsBroken(true)}
				className={`${className} shrink-0 rounded-[5px] bg-sunk object-cover`}
			/>
		);
	const hue = hueOf(name);
	return (
		<span
			aria-hidden
			className={`${className} num grid shrink-0 place-items-center rounded-[5px] text-[10px]`}
			style={{
				color: `light-dark(oklch(0.4 0.06 ${hue}), oklch(0.86 0.05 ${hue}))`,
				background: `light-dark(oklch(0.93 0.025 ${hue}), oklch(0.3 0.03 ${hue}))`,
			}}
		>
			{name.slice(0, 2).toUpperCase()}
		</span>
	);
}

/** Products of one line (the code's first part) share a hue. */
function hueOf(name: string): number {
	let hash = 0;
	for (const letter of name.split(/[-_ ]/)[0] ?? "") hash = (hash * 31 + letter.charCodeAt(0)) % 360;
	return hash;
}
