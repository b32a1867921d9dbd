"use client";

import { Checkbox } from "@/components/ui/checkbox";
import { type WebhookEvent, webhookEvents, webhookEventWords } from "@/lib/format/webhook-events";

/** What an endpoint hears of. */
export function EventBoxes({
	chosen,
	onChange,
}: {
	chosen: readonly WebhookEvent[];
	onChange: (events: readonly WebhookEvent[]) => void;
}) {
	return (
		<fieldset className="flex flex-col gap-2">
			<legend className="mb-2 text-small text-muted">What it hears of</legend>
			{webhookEvents.map((event) => (
				<Checkbox
					key={event}
					label={
						<>
							{webhookEventWords[event].label}
							<span className="ml-2 text-small text-muted">{webhookEventWords[event].detail}</span>
						</>
					}
					isChecked={chosen.includes(event)}
					onChange={(isChecked) => onChange(isChecked ? [...chosen, event] : chosen.filter((one) => one !== event))}
				/>
			))}
		</fieldset>
	);
}
