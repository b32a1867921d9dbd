"use client";

import { useActionState, useEffect, useState } from "react";
import { Button } from "@/components/ui/button";
import { TextField } from "@/components/ui/text-field";
import { FormNotice } from "./form-notice";
import type { FormAction } from "./form-state";

export function SignUpForm({ action, minPassword }: { action: FormAction; minPassword: number }) {
	const [state, submit, isBusy] = useActionState(action, {});
	// Known in the browser only; without scripts the shop starts in UTC and Settings can change it.
	const [timeZone, setTimeZone] = useState("");
	useEffect(() => setTimeZone(Intl.DateTimeFormat().resolvedOptions().timeZone), []);

	return (
		<form action={submit} className="flex flex-col gap-4">
			{state.sentence && <FormNotice>{state.sentence}</FormNotice>}
			<input type="hidden" name="timeZone" value={timeZone} />
			<TextField
				label="Name of your shop"
				name="merchantName"
				autoComplete="organization"
				required
				autoFocus
				maxLength={80}
				defaultValue={state.values?.merchantName}
				error={state.fields?.merchantName}
				className="h-9"
			/>
			<TextField
				label="E-mail"
				name="email"
				type="email"
				autoComplete="username"
				inputMode="email"
				required
				defaultValue={state.values?.email}
				error={state.fields?.email}
				className="h-9"
			/>
			<TextField
				label="Password"
				name="password"
				type="password"
				autoComplete="new-password"
				required
				minLength={minPassword}
				hint={`At least ${minPassword} characters. A short sentence is easy to keep.`}
				error={state.fields?.password}
				className="h-9"
			/>
			<Button type="submit" kind="ink" isBusy={isBusy} className="h-9">
				Open the shop
			</Button>
		</form>
	);
}
