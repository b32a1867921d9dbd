"use client";

import { useActionState } from "react";
import { Button } from "@/components/ui/button";
import { TextField } from "@/components/ui/text-field";
import { FormNotice } from "./form-notice";
import type { FormAction } from "./form-state";

/** Accepting: at once for who is signed in, with a password for who is new. */
export function InvitationForm({
	action,
	token,
	email,
	minPassword,
}: {
	action: FormAction;
	token: string;
	email: string;
	/** Null: the account exists and is signed in. */
	minPassword: number | null;
}) {
	const [state, submit, isBusy] = useActionState(action, {});
	return (
		<form action={submit} className="flex flex-col gap-4">
			{state.sentence && <FormNotice>{state.sentence}</FormNotice>}
			<input type="hidden" name="token" value={token} />
			{minPassword !== null && (
				<>
					<input type="hidden" name="email" autoComplete="username" value={email} readOnly />
					<TextField
						label="Choose a password"
						name="password"
						type="password"
						autoComplete="new-password"
						required
						autoFocus
						minLength={minPassword}
						hint={`At least ${minPassword} characters. A short sentence is easy to keep.`}
						error={state.fields?.password}
						className="h-9"
					/>
				</>
			)}
			<Button type="submit" kind="ink" isBusy={isBusy} className="h-9">
				Join the shop
			</Button>
		</form>
	);
}
