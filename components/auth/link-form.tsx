"use client";

import { useActionState } from "react";
import { Button } from "@/components/ui/button";
import { FormNotice } from "./form-notice";
import type { FormAction } from "./form-state";

/** One press uses the link up; merely opening the page does not, since mail scanners open pages too. */
export function LinkForm({ action, token }: { action: FormAction; token: string }) {
	const [state, submit, isBusy] = useActionState(action, {});
	return (
		<form action={submit} className="flex flex-col gap-4">
			{state.sentence && <FormNotice>{state.sentence}</FormNotice>}
			<input type="hidden" name="token" value={token} />
			<Button type="submit" kind="ink" isBusy={isBusy} autoFocus className="h-9">
				Sign in
			</Button>
		</form>
	);
}
