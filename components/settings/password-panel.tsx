"use client";

import { type FormEvent, useState } from "react";
import { FormNotice } from "@/components/auth/form-notice";
import { useShell } from "@/components/layout/shell-context";
import { Button } from "@/components/ui/button";
import { Panel } from "@/components/ui/panel";
import { TextField } from "@/components/ui/text-field";
import { showDone } from "@/components/ui/toast";
import type { SettingsActions } from "./settings-actions";
import { useChange } from "./use-change";

/** The way back in, for whoever came by a link as for whoever signed up. */
export function PasswordPanel({
	hasPassword,
	setPassword,
}: {
	hasPassword: boolean;
	setPassword: SettingsActions["setPassword"];
}) {
	const { me } = useShell();
	const [isSet, setIsSet] = useState(hasPassword);
	const [current, setCurrent] = useState("");
	const [next, setNext] = useState("");
	const change = useChange(setPassword, {
		isSilent: true,
		onDone: () => {
			showDone(isSet ? "Your password is changed" : "Your password is set", {
				detail: "Every other browser was signed out.",
			});
			setIsSet(true);
			setCurrent("");
			setNext("");
		},
	});
	const submit = (event: FormEvent) => {
		event.preventDefault();
		change.mutate({ current: isSet ? current : null, next });
	};
	return (
		<Panel title="Your password" isPadded>
			<form onSubmit={submit} className="flex flex-col gap-3">
				{!isSet && (
					<p className="text-small text-muted">
						You came by a link and have none yet: once you sign out, only another link lets you in.
					</p>
				)}
				{change.error && <FormNotice>{change.error.message}</FormNotice>}
				{/* Password managers keep what is typed under this name. */}
				<input type="email" name="username" autoComplete="username" value={me.email} readOnly hidden />
				{isSet && (
					<TextField
						label="Password so far"
						type="password"
						autoComplete="current-password"
						required
						value={current}
						onChange={(event) => setCurrent(event.target.value)}
					/>
				)}
				<TextField
					label={isSet ? "New password" : "Password"}
					type="password"
					autoComplete="new-password"
					required
					hint="A short sentence is easy to keep. Every other browser of yours is signed out."
					value={next}
					onChange={(event) => setNext(event.target.value)}
				/>
				<Button type="submit" isBusy={change.isPending} className="self-start">
					{isSet ? "Change it" : "Set it"}
				</Button>
			</form>
		</Panel>
	);
}
