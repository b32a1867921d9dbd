"use client";

import { useQueryClient } from "@tanstack/react-query";
import { Upload } from "lucide-react";
import { type DragEvent, useRef, useState } from "react";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { StateShape } from "@/components/ui/state-shape";
import { TableScroll } from "@/components/ui/table";
import { showDone } from "@/components/ui/toast";
import { countOf } from "@/lib/format/number";
import { importSkuFile, inventoryCsvHref, inventoryKey, type SkuImport } from "@/lib/queries/inventory";
import { actOnMappings, mappingsKey } from "@/lib/queries/mappings";

type Step =
	| { kind: "choose" }
	| { kind: "reading"; file: File }
	| { kind: "preview"; file: File; found: SkuImport }
	| { kind: "importing"; file: File; found: SkuImport }
	| { kind: "done"; found: SkuImport };

/** Brings master SKUs: choose a file, see line by line what it would change and what is refused, then do it. */
export function CsvDialog({ onClose }: { onClose: () => void }) {
	const client = useQueryClient();
	const input = useRef<HTMLInputElement>(null);
	const [step, setStep] = useState<Step>({ kind: "choose" });
	const [failure, setFailure] = useState<string | null>(null);

	const run = async (work: () => Promise<void>, back: Step) => {
		setFailure(null);
		try {
			await work();
		} catch (error) {
			setFailure(error instanceof Error ? error.message : "This did not work. Try again.");
			setStep(back);
		}
	};
	const read = (file: File) =>
		run(
			async () => {
				setStep({ kind: "reading", file });
				setStep({ kind: "preview", file, found: await importSkuFile(file, true) });
			},
			{ kind: "choose" },
		);
	const bring = (file: File, found: SkuImport) =>
		run(
			async () => {
				setStep({ kind: "importing", file, found });
				const done = await importSkuFile(file, false);
				// New SKUs may be what listings waited for.
				if (done.added > 0) await actOnMappings("propose", {});
				await Promise.all([
					client.invalidateQueries({ queryKey: inventoryKey }),
					client.invalidateQueries({ queryKey: mappingsKey }),
				]);
				if (done.refused.length > 0) return setStep({ kind: "done", found: done });
				showDone(`Brought in ${countOf(done.added + done.changed, "line")}`, {
					detail: `${done.added} added, ${done.changed} changed.`,
				});
				onClose();
			},
			{ kind: "preview", file, found },
		);
	const drop = (event: DragEvent) => {
		event.preventDefault();
		const [file] = event.dataTransfer.files;
		if (file) void read(file);
	};

	const isBusy = step.kind === "importing" || step.kind === "reading";
	return (
		<Dialog
			isOpen
			onOpenChange={(isOpen) => !isOpen && !isBusy && onClose()}
			title="Bring SKUs by CSV"
			description="Good lines come in; each bad line is named with its reason. What the file does not say stays as it is."
			width="max-w-[640px]"
			footer={
				step.kind === "preview" || step.kind === "importing" ? (
					<>
						<Button onClick={() => setStep({ kind: "choose" })} disabled={isBusy}>
							Another file
						</Button>
						<Button
							kind="ink"
							isBusy={isBusy}
							disabled={step.found.added + step.found.changed === 0}
							onClick={() => void bring(step.file, step.found)}
						>
							Bring in {countOf(step.found.added + step.found.changed, "line")}
						</Button>
					</>
				) : (
					<Button onClick={onClose} disabled={isBusy}>
						Close
					</Button>
				)
			}
		>
			{failure && (
				<p role="alert" className="mb-2 flex items-center gap-2 text-bad">
					<StateShape kind="off" />
					{failure}
				</p>
			)}
			{(step.kind === "choose" || step.kind === "reading") && (
				// biome-ignore lint/a11y/noStaticElementInteractions: dropping is the second way, the button is the first
				<div
					onDragOver={(event) => event.preventDefault()}
					onDrop={drop}
					className="flex flex-col items-center gap-2 rounded-lg border border-line-strong border-dashed px-4 py-8 text-center"
				>
					<Button
						icon={<Upload aria-hidden className="size-3.5" />}
						isBusy={isBusy}
						onClick={() => input.current?.click()}
					>
						{isBusy ? "Reading…" : "Choose a file"}
					</Button>
					<p className="text-small text-muted">
						or drop it here. Columns: <span className="num">sku, title, gtin, on_hand, location, buffer</span>; only{" "}
						<span className="num">sku</span> must be there.
					</p>
					<a href={inventoryCsvHref} className="text-small underline decoration-dotted underline-offset-3">
						Take what you have now as the pattern
					</a>
					<input
						ref={input}
						type="file"
						accept=".csv,.tsv,.txt,text/csv"
						aria-label="CSV file"
						className="hidden"
						onChange={(event) => {
							const [file] = event.target.files ?? [];
							event.target.value = "";
							if (file) void read(file);
						}}
					/>
				</div>
			)}
			{(step.kind === "preview" || step.kind === "importing") && <Found found={step.found} tense="will be" />}
			{step.kind === "done" && <Found found={step.found} tense="were" />}
		</Dialog>
	);
}

function Found({ found, tense }: { found: SkuImport; tense: "will be" | "were" }) {
	return (
		<div className="flex flex-col gap-3">
			<p>
				<b>{found.added}</b> {tense} added, <b>{found.changed}</b> changed; {found.same} stay as they are,{" "}
				<b>{found.refused.length}</b> refused.
			</p>
			{found.refused.length > 0 && (
				<TableScroll label="Refused lines" className="max-h-40 overflow-auto">
					<ul className="flex flex-col gap-1 text-small">
						{found.refused.slice(0, 500).map((line) => (
							<li key={line.line} className="flex items-start gap-2">
								<StateShape kind="off" className="mt-0.5" />
								<span>
									<span className="num text-muted">line {line.line}</span>{" "}
									{line.sku && <span className="num">{line.sku}: </span>}
									{line.sentence}
								</span>
							</li>
						))}
					</ul>
				</TableScroll>
			)}
			{found.changes.length > 0 && tense === "will be" && (
				<TableScroll label="What would change" className="max-h-64 overflow-auto rounded-lg border">
					<table className="w-full border-separate border-spacing-0 text-small">
						<tbody className="[&>tr:last-child>td]:border-b-0">
							{found.changes.map((change) => (
								<tr key={change.line} className="align-top">
									<td className="num border-b px-3 py-1.5 text-muted">{change.line}</td>
									<td className="num border-b px-3 py-1.5">{change.code}</td>
									<td className="border-b px-3 py-1.5">{change.kind}</td>
									<td className="border-b px-3 py-1.5">
										{change.fields.map(({ field, from, to }) => (
											<span key={field} className="mr-3 inline-block">
												<span className="text-muted">{field} </span>
												<span className="num">{from === null ? to : `${from} → ${to}`}</span>
											</span>
										))}
									</td>
								</tr>
							))}
						</tbody>
					</table>
				</TableScroll>
			)}
		</div>
	);
}
