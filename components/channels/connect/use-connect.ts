"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { type RefObject, useEffect } from "react";
import { channelsKey } from "@/lib/queries/channels";
import { shellQuery } from "@/lib/queries/shell";
import { type ConnectOutcome, type Outcome, orThrow, Refusal } from "../channel-actions";
import { stepHref } from "./wizard-panel";

/** Connecting at once: goes on to the channel's own steps, or keeps what failed. */
export function useConnect<Input>(connect: (input: Input) => Promise<Outcome<ConnectOutcome>>) {
	const router = useRouter();
	const client = useQueryClient();
	return useMutation({
		mutationFn: (input: Input) => orThrow(connect(input)),
		onSuccess: (outcome) => {
			if (outcome.result !== "connected") return;
			void client.invalidateQueries({ queryKey: channelsKey });
			void client.invalidateQueries({ queryKey: shellQuery().queryKey });
			router.push(stepHref(outcome.channelId, "check"));
		},
	});
}

/** A web page, or a sandbox store's on this very site; whatever else the answer says, no script runs. */
const storePage = /^(https?:\/\/|\/sandbox\/[a-z0-9_]+\/)/;

/** Setting out to the store's own page, where the merchant agrees. */
export function useVisit<Input>(begin: (input: Input) => Promise<Outcome<{ redirectTo: string }>>) {
	const visit = useMutation({
		mutationFn: async (input: Input) => {
			const { redirectTo } = await orThrow(begin(input));
			if (!storePage.test(redirectTo))
				throw new Error("The way there does not lead to the store. Check its address and try again.");
			return redirectTo;
		},
		// A full navigation: it leaves this site, or goes to a store's page that is none of ours.
		onSuccess: (redirectTo) => window.location.assign(redirectTo),
	});
	const { reset } = visit;
	// The browser's back button brings this very page again, still on its way.
	useEffect(() => {
		const onShow = (event: PageTransitionEvent) => event.persisted && reset();
		window.addEventListener("pageshow", onShow);
		return () => window.removeEventListener("pageshow", onShow);
	}, [reset]);
	return visit;
}

/** What a try was told about each field, by its name; whoever made it goes on in the first of them. */
export function useFieldFaults(form: RefObject<HTMLFormElement | null>, error: Error | null): Refusal["fields"] {
	useEffect(() => {
		if (error) form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
	}, [form, error]);
	return error instanceof Refusal ? error.fields : {};
}

/** What one way in was answered says nothing about another; what was typed stays. */
export function useForgetting(way: string, ...tries: { reset: () => void }[]): void {
	const resets = tries.map(({ reset }) => reset);
	// biome-ignore lint/correctness/useExhaustiveDependencies: a change of the way is what it is about
	useEffect(() => {
		for (const reset of resets) reset();
	}, [way]);
}
