"use client";

import { Button } from "@/components/ui/button";
import { Facts } from "@/components/ui/facts";
import { Change, Num } from "@/components/ui/num";
import { Popover, PopoverClose } from "@/components/ui/popover";
import { RelativeTime } from "@/components/ui/relative-time";
import { countOf, formatNumber } from "@/lib/format/number";
import { fromWord, stepWords } from "@/lib/format/offer-policy";
import type { SkuSlot } from "@/lib/queries/skus";

/** What a channel shows; it opens the steps from what is there to what it ought to show. */
export function OfferNumber({ slot, onChangeRules }: { slot: SkuSlot; onChangeRules: (() => void) | null }) {
	const { shows, offered, why } = slot;
	const isMoving = offered !== null && shows !== offered;
	const question = offered === null ? "Why is nothing offered?" : `Why is it ${formatNumber(offered)}?`;
	return (
		<Popover
			title={question}
			align="end"
			trigger={
				<button
					type="button"
					aria-label={`${slot.channel.name} shows ${shows === null ? "an unknown number" : formatNumber(shows)}. ${question}`}
					className="rounded-sm underline decoration-line-strong decoration-dotted underline-offset-3 hover:decoration-text"
				>
					{isMoving ? <Change from={shows} to={offered} /> : <Num value={shows} />}
				</button>
			}
		>
			{why ? (
				<Facts className="min-w-64" items={itemsOf(why)} />
			) : (
				<p className="max-w-64 text-small text-muted">
					Nobody has counted it where this channel sells from, and nothing is offered until somebody does.
				</p>
			)}
			<p className="mt-2 max-w-64 text-small text-muted">
				{slot.verifiedAt === null ? (
					"Not verified in the store yet."
				) : (
					<>
						Verified in the store <RelativeTime at={slot.verifiedAt} />.
					</>
				)}
			</p>
			{onChangeRules && (
				<PopoverClose>
					<Button className="mt-3" onClick={onChangeRules}>
						Rules for this listing
					</Button>
				</PopoverClose>
			)}
		</Popover>
	);
}

function itemsOf({ onHand, reserved, locations, steps, quantity }: NonNullable<SkuSlot["why"]>) {
	return [
		...(locations.length > 1 ? locations : []).map(({ id, name, ...there }) => ({
			key: id,
			name,
			value: <Num value={there.onHand - there.reserved} />,
		})),
		{
			key: "available",
			name: `${countOf(onHand, "unit")} on hand − ${formatNumber(reserved)} reserved`,
			value: <Num value={onHand - reserved} />,
		},
		...steps.map((step) => ({
			key: step.by,
			name: [stepWords(step), fromWord(step.from)].filter(Boolean).join(", "),
			value: <Num value={step.left} />,
		})),
		{
			key: "offered",
			name: <b className="text-text">Ought to show</b>,
			value: <Num value={quantity} className="font-semibold" />,
		},
	];
}
