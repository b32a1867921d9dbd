/** The tally mark: four strokes and the one that counts them. */
export function Logo({ className }: { className?: string }) {
	return (
		<svg aria-hidden viewBox="0 0 22 22" className={className ?? "size-5.5"}>
			<rect width="22" height="22" rx="6" fill="var(--ink)" />
			<path
				d="M5.5 6v10M8.9 6v10M12.3 6v10M15.7 6v10M4 14.2 18 7.4"
				stroke="var(--on-ink)"
				strokeWidth="1.5"
				strokeLinecap="round"
			/>
		</svg>
	);
}
