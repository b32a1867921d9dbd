import { CopyField } from "@/components/channels/copy-field";
import { Panel } from "@/components/ui/panel";
import { StateShape } from "@/components/ui/state-shape";
import type { Environment } from "@/lib/queries/settings";

/** How this installation is set up, what follows from it, and which variable changes it. */
export function EnvironmentPanel({ environment }: { environment: Environment }) {
	return (
		<Panel title="This installation" hint="each has a variable that changes it; secrets are never shown">
			{environment.publicUrl && (
				<div className="border-b px-3.5 py-3">
					<CopyField label="Public address" value={environment.publicUrl} />
				</div>
			)}
			<dl>
				{environment.facts.map((fact) => (
					<div
						key={fact.variable}
						className="grid grid-cols-[auto_minmax(0,1fr)] items-baseline gap-x-3 border-b px-3.5 py-2 last:border-b-0"
					>
						<dt>{fact.topic}</dt>
						<dd className="flex items-baseline justify-end gap-1.5">
							{fact.isNoteworthy && <StateShape kind="warn" label="Worth knowing" />}
							<span className="truncate">{fact.value}</span>
						</dd>
						<dd className="col-span-2 text-small text-muted">
							{fact.sentence} <code className="num inline-block">{fact.variable}</code>
						</dd>
					</div>
				))}
			</dl>
		</Panel>
	);
}
