import { clsx } from "clsx";
import { type PlatformKey, platformLabel } from "@/lib/format/platforms";

/** The platforms by their plate: two letters and a hue, the only decoration there is. */
export const platformPlates: Readonly<Record<PlatformKey, { letters: string; hue: number }>> = {
	shopify: { letters: "SH", hue: 150 },
	woocommerce: { letters: "WC", hue: 305 },
	bigcommerce: { letters: "BC", hue: 265 },
	amazon: { letters: "AM", hue: 70 },
	magento: { letters: "MG", hue: 35 },
	api2cart: { letters: "A2", hue: 350 },
	square: { letters: "SQ", hue: 190 },
};

/** Two letters on the platform's ground. `label` is spoken, by default the platform's name; "" where it stands beside. */
export function PlatformPlate({
	platform,
	label,
	className,
}: {
	platform: PlatformKey;
	label?: string;
	className?: string;
}) {
	const { letters, hue } = platformPlates[platform];
	const spoken = label ?? platformLabel(platform);
	return (
		<span
			title={spoken || undefined}
			{...(spoken ? { role: "img", "aria-label": spoken } : { "aria-hidden": true })}
			className={clsx(
				"num inline-grid size-5 shrink-0 place-items-center rounded-[5px] text-[10px] leading-none font-semibold",
				className,
			)}
			style={{
				color: `light-dark(oklch(0.32 0.08 ${hue}), oklch(0.88 0.08 ${hue}))`,
				background: `light-dark(oklch(0.92 0.05 ${hue}), oklch(0.34 0.06 ${hue}))`,
			}}
		>
			{letters}
		</span>
	);
}
