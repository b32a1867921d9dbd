"use client";

import { type FormEvent, useState } from "react";
import { Button } from "@/components/ui/button";
import { TabLinks } from "@/components/ui/tabs";
import { TextField } from "@/components/ui/text-field";
import type { ConnectActions, ShownCheck } from "../channel-actions";
import { CheckList } from "./check-list";
import { Problem } from "./problem";
import { useConnect, useForgetting, useVisit } from "./use-connect";
import { type WooWay, wooWays } from "./ways";
import { Help, WizardPanel } from "./wizard-panel";

export type WooFormProps = {
	way: WooWay;
	address: string;
	/** False: shops have no https address to post keys to; sandbox stores need none. */
	hasHttps: boolean;
	problem: string | null;
	checks: readonly ShownCheck[];
	actions: ConnectActions;
};

const wayLabels: Record<WooWay, string> = { agree: "Agree in the shop", keys: "Paste keys" };

/** A shop may live anywhere; its page to agree on is always this one. */
const agreePage = /^(https?:\/\/|\/sandbox\/woocommerce\/)\S+\/wc-auth\/v1\/authorize\?/;

/** A WooCommerce shop: it hands keys over by itself, or somebody pastes them. */
export function WooForm(props: WooFormProps) {
	const { way, actions } = props;
	const [address, setAddress] = useState(props.address);
	const [consumerKey, setConsumerKey] = useState("");
	const [consumerSecret, setConsumerSecret] = useState("");
	const connect = useConnect(actions);
	const visit = useVisit(actions.beginHandOver, agreePage);
	useForgetting(way, connect, visit);
	const isBusy = connect.isPending || visit.isPending || connect.data?.result === "connected" || visit.isSuccess;
	const error = connect.error ?? visit.error;
	const checks = connect.data?.checks ?? props.checks;

	const submit = (event: FormEvent) => {
		event.preventDefault();
		if (way === "agree") visit.mutate({ address });
		else connect.mutate({ way: "woocommerce_keys", address, consumerKey, consumerSecret });
	};
	const hasTried = checks.length > 0 || error !== null;
	const act = way === "agree" ? "Go to the shop" : hasTried ? "Check again" : "Check and connect";

	return (
		<form onSubmit={submit} className="contents">
			<WizardPanel
				platform="woocommerce"
				step="keys"
				back="/channels/connect"
				next={
					<Button kind="ink" type="submit" isBusy={isBusy}>
						{isBusy ? (way === "agree" ? "On the way to the shop…" : "Checking…") : act}
					</Button>
				}
			>
				<div className="flex flex-col gap-3 p-3.5">
					<TabLinks
						label="Way in"
						current={way}
						tabs={wooWays.map((key) => ({
							key,
							label: wayLabels[key],
							href: `/channels/connect/woocommerce?${new URLSearchParams({ way: key, ...(address && { address }) })}`,
						}))}
					/>
					<TextField
						label="Shop"
						hint="As it stands in the browser when the shop is open."
						placeholder="https://shop.example.com"
						value={address}
						onChange={(event) => setAddress(event.target.value)}
						autoComplete="off"
						spellCheck={false}
						required
					/>
					{way === "keys" && (
						<>
							<TextField
								label="Consumer key"
								placeholder="ck_…"
								className="num"
								value={consumerKey}
								onChange={(event) => setConsumerKey(event.target.value)}
								autoComplete="off"
								spellCheck={false}
								required
							/>
							<TextField
								label="Consumer secret"
								placeholder="cs_…"
								type="password"
								className="num"
								value={consumerSecret}
								onChange={(event) => setConsumerSecret(event.target.value)}
								autoComplete="off"
								required
							/>
							<Help title="Where do I find this?">
								<p>
									In WordPress: WooCommerce → Settings → Advanced → REST API → Add key. Choose a user who is shop
									manager or administrator, and the permissions Read/Write. Key and secret are shown once.
								</p>
							</Help>
						</>
					)}
					{way === "agree" && (
						<Help title="What happens next">
							<p>
								You sign in to the shop's WordPress as an administrator or shop manager and agree; the shop then makes a
								key for Onecount and hands it over by itself. Nothing has to be copied.
							</p>
							{!props.hasHttps && (
								<p>
									Shops hand keys over to https addresses only, and this Onecount has none: set ONECOUNT_URL to one, or
									paste keys. Sandbox stores don't mind.
								</p>
							)}
						</Help>
					)}
					<Problem sentence={error?.message ?? (connect.isIdle ? props.problem : null)} />
				</div>
				{checks.length > 0 && (
					<div className="border-t">
						<CheckList checks={checks} />
					</div>
				)}
			</WizardPanel>
		</form>
	);
}
