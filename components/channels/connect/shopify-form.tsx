"use client";

import { type FormEvent, useState } from "react";
import { Button } from "@/components/ui/button";
import { TabLinks } from "@/components/ui/tabs";
import { TextField } from "@/components/ui/text-field";
import type { ConnectActions, ShownCheck } from "../channel-actions";
import { CopyField } from "../copy-field";
import { CheckList } from "./check-list";
import { Problem } from "./problem";
import { useConnect, useForgetting, useVisit } from "./use-connect";
import { type ShopifyWay, shopifyWays } from "./ways";
import { Help, WizardPanel } from "./wizard-panel";

export type ShopifyFormProps = {
	way: ShopifyWay;
	/** Typed before, or the store's that is connected again. */
	address: string;
	/** False: merchants bring an app of their own. */
	hasHostApp: boolean;
	redirectUri: string;
	scopes: readonly { scope: string; why: string }[];
	/** Why the way back from Shopify was not taken. */
	problem: string | null;
	/** What the last try found. */
	checks: readonly ShownCheck[];
	actions: ConnectActions;
};

const wayLabels: Record<ShopifyWay, string> = {
	install: "Install an app",
	client: "Id and secret",
	token: "Access token",
};

/** Of a shop by its exact name, or of a sandbox store on this site. */
const agreePage =
	/^(https:\/\/[a-z0-9][a-z0-9-]*\.myshopify\.com|\/sandbox\/shopify\/[A-Za-z0-9_-]+)\/admin\/oauth\/authorize\?/;

/** A Shopify store, by one of three ways in. */
export function ShopifyForm(props: ShopifyFormProps) {
	const { way, hasHostApp, actions } = props;
	const [address, setAddress] = useState(props.address);
	const [clientId, setClientId] = useState("");
	const [clientSecret, setClientSecret] = useState("");
	const [accessToken, setAccessToken] = useState("");
	const [apiSecret, setApiSecret] = useState("");
	const connect = useConnect(actions);
	const visit = useVisit(actions.beginShopifyOAuth, agreePage);
	useForgetting(way, connect, visit);
	const isBusy = connect.isPending || visit.isPending || connect.data?.result === "connected" || visit.isSuccess;
	const error = connect.error ?? visit.error;
	const checks = connect.data?.checks ?? props.checks;

	const submit = (event: FormEvent) => {
		event.preventDefault();
		if (way === "install") visit.mutate({ address, app: hasHostApp ? null : { clientId, clientSecret } });
		else if (way === "client") connect.mutate({ way: "client_credentials", address, clientId, clientSecret });
		else connect.mutate({ way: "token", address, accessToken, apiSecret });
	};
	const hasTried = checks.length > 0 || error !== null;
	const act = way === "install" ? "Go to Shopify" : hasTried ? "Check again" : "Check and connect";

	return (
		<form onSubmit={submit} className="contents">
			<WizardPanel
				platform="shopify"
				step="keys"
				hasLocations
				back="/channels/connect"
				next={
					<Button kind="ink" type="submit" isBusy={isBusy}>
						{isBusy ? (way === "install" ? "On the way to Shopify…" : "Checking…") : act}
					</Button>
				}
			>
				<div className="flex flex-col gap-3 p-3.5">
					<TabLinks
						label="Way in"
						current={way}
						tabs={shopifyWays.map((key) => ({
							key,
							label: wayLabels[key],
							href: `/channels/connect/shopify?${new URLSearchParams({ way: key, ...(address && { address }) })}`,
						}))}
					/>
					<TextField
						label="Store"
						hint="Its .myshopify.com name, or anything of its admin's address."
						placeholder="nordlicht.myshopify.com"
						value={address}
						onChange={(event) => setAddress(event.target.value)}
						autoComplete="off"
						spellCheck={false}
						required
					/>
					{way !== "token" && !(way === "install" && hasHostApp) && (
						<>
							<TextField
								label="Client id"
								className="num"
								value={clientId}
								onChange={(event) => setClientId(event.target.value)}
								autoComplete="off"
								spellCheck={false}
								required
							/>
							<TextField
								label="Secret"
								type="password"
								className="num"
								value={clientSecret}
								onChange={(event) => setClientSecret(event.target.value)}
								autoComplete="off"
								required
							/>
						</>
					)}
					{way === "token" && (
						<>
							<TextField
								label="Admin API access token"
								type="password"
								placeholder="shpat_…"
								className="num"
								value={accessToken}
								onChange={(event) => setAccessToken(event.target.value)}
								autoComplete="off"
								required
							/>
							<TextField
								label="API secret key"
								hint="It signs the store's news. Without it Onecount asks every few seconds instead."
								type="password"
								className="num"
								value={apiSecret}
								onChange={(event) => setApiSecret(event.target.value)}
								autoComplete="off"
							/>
						</>
					)}
					<WayHelp {...props} />
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

function WayHelp({ way, hasHostApp, redirectUri, scopes }: ShopifyFormProps) {
	const rights = (
		<ul className="list-disc pl-4">
			{scopes.map(({ scope, why }) => (
				<li key={scope}>
					<code className="num text-text">{scope}</code> {why}
				</li>
			))}
		</ul>
	);
	switch (way) {
		case "install":
			return hasHostApp ? (
				<Help title="What happens next">
					<p>Shopify shows what Onecount asks for; an owner or a staff member who may install apps agrees there.</p>
					{rights}
				</Help>
			) : (
				<Help title="Where do I find this?">
					<p>
						In Shopify's developer dashboard make an app (or open yours). Its settings show the client id and the
						secret. Add this redirect address to it, and these rights:
					</p>
					<CopyField label="Redirect address" value={redirectUri} />
					{rights}
				</Help>
			);
		case "client":
			return (
				<Help title="Where do I find this?">
					<p>
						For an app that belongs to the same organisation as the store and is installed on it: developer dashboard →
						your app → Settings. It needs these rights:
					</p>
					{rights}
				</Help>
			);
		case "token":
			return (
				<Help title="Where do I find this?">
					<p>
						For custom apps made in a store's admin before 2026; Shopify lets no new ones be made. Settings → Apps →
						Develop apps → your app → API credentials. The token is shown once, when the app is installed; it begins
						with shpat_.
					</p>
					{rights}
				</Help>
			);
	}
}
