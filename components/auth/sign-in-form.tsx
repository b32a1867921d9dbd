"use client";

import { useActionState } from "react";
import { Button } from "@/components/ui/button";
import { TextField } from "@/components/ui/text-field";
import { FormNotice } from "./form-notice";
import type { FormAction } from "./form-state";

export function SignInForm({ action, next }: { action: FormAction; next: string }) {
	const [state, submit, isBusy] = useActionState(action, {});
	return (
		<form action={submit} className="flex flex-col gap-4">
			{state.sentence && <FormNotice>{state.sentence}</FormNotice>}
			<input type="hidden" name="next" value={next} />
			<TextField
				label="E-mail"
				name="email"
				type="email"
				autoComplete="username"
				inputMode="email"
				required
				autoFocus
				defaultValue={state.values?.email}
				error={state.fields?.email}
				className="h-9"
			/>
			<TextField
				label="Password"
				name="password"
				type="password"
				autoComplete="current-password"
				required
				error={state.fields?.password}
				className="h-9"
			/>
			<Button type="submit" kind="ink" isBusy={isBusy} className="h-9">
				Sign in
			</Button>
		</form>
	);
}
