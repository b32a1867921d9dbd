"use client";

import { useState } from "react";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { TextField } from "@/components/ui/text-field";
import { countOf } from "@/lib/format/number";

const usual = ["Fulfilled by Amazon", "Not sold from our stock", "Gift card or service", "Discontinued"];

/** Leaves listings alone on purpose; the reason stands in their cells. */
export function LeaveOutDialog({
	count,
	onClose,
	onLeaveOut,
}: {
	count: number;
	onClose: () => void;
	onLeaveOut: (reason: string) => void;
}) {
	const [reason, setReason] = useState("");
	const leave = (text: string) => {
		onLeaveOut(text);
		onClose();
	};
	return (
		<Dialog
			isOpen
			onOpenChange={(isOpen) => !isOpen && onClose()}
			title={`Leave out ${countOf(count, "listing")}`}
			description="Nothing is written to them and their orders take nothing from your stock. You can take them back in at any time."
		>
			<div className="mb-3 flex flex-wrap gap-2">
				{usual.map((text) => (
					<Button key={text} onClick={() => leave(text)}>
						{text}
					</Button>
				))}
			</div>
			<form
				className="flex items-end gap-2"
				onSubmit={(event) => {
					event.preventDefault();
					if (reason.trim()) leave(reason.trim());
				}}
			>
				<div className="flex-1">
					<TextField
						label="Another reason"
						value={reason}
						maxLength={120}
						onChange={(event) => setReason(event.target.value)}
					/>
				</div>
				<Button type="submit" disabled={!reason.trim()}>
					Leave out
				</Button>
			</form>
		</Dialog>
	);
}
