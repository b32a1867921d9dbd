"use client";

import { useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { TextField } from "@/components/ui/text-field";
import { showDone } from "@/components/ui/toast";
import { createSku, inventoryKey } from "@/lib/queries/inventory";

/** One SKU by hand; its stock is counted on its own page. */
export function NewSkuDialog({ onClose }: { onClose: () => void }) {
	const client = useQueryClient();
	const [failure, setFailure] = useState<string | null>(null);
	const [isBusy, setIsBusy] = useState(false);
	const submit = async (event: FormEvent<HTMLFormElement>) => {
		event.preventDefault();
		const form = new FormData(event.currentTarget);
		const text = (name: string) => String(form.get(name) ?? "");
		setIsBusy(true);
		setFailure(null);
		try {
			const made = await createSku({ code: text("code"), title: text("title"), gtin: text("gtin") });
			await client.invalidateQueries({ queryKey: inventoryKey });
			showDone(`Made ${made.code}`, { detail: "Nothing is offered until you count it." });
			onClose();
		} catch (error) {
			setFailure(error instanceof Error ? error.message : "This did not work. Try again.");
			setIsBusy(false);
		}
	};
	return (
		<Dialog isOpen onOpenChange={(isOpen) => !isOpen && onClose()} title="New SKU">
			<form onSubmit={(event) => void submit(event)} className="flex flex-col gap-3">
				<TextField name="code" label="SKU" required maxLength={100} autoFocus error={failure} className="num" />
				<TextField name="title" label="Title" maxLength={500} hint="Empty: the SKU itself." />
				<TextField
					name="gtin"
					label="Barcode"
					inputMode="numeric"
					hint="GTIN, EAN or UPC. It is what matches most surely."
					className="num"
				/>
				<div className="flex justify-end gap-2">
					<Button onClick={onClose}>Cancel</Button>
					<Button type="submit" kind="ink" isBusy={isBusy}>
						Make it
					</Button>
				</div>
			</form>
		</Dialog>
	);
}
