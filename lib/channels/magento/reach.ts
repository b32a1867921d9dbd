/** Finding a store's API and the way to prove ourselves that it takes. */
import { z } from "zod";
import type { Connection } from "../channel-adapter";
import { attempt } from "../checks";
import { ChannelError } from "../errors";
import { mageError } from "./api-types";
import { callMagento, MagentoError, readReply } from "./client";
import { type AuthScheme, tokensOf } from "./oauth";
import { readProducts, tryRights } from "./rights";
import { firstPage } from "./search";

/** Asked as a stranger, Magento refuses in words of its own; where addresses are not rewritten it answers below index.php. */
export async function findRest(connection: Connection): Promise<string> {
	let first: ChannelError | null = null;
	for (const path of ["/rest", "/index.php/rest"]) {
		const url = `${connection.baseUrl}${path}/all/V1/store/websites`;
		const reply = await connection.http.send({ method: "GET", url, headers: { accept: "application/json" } });
		if (isMagento(reply.text) && [200, 401].includes(reply.status)) return path;
		try {
			readReply(reply, z.never());
		} catch (error) {
			if (!(error instanceof ChannelError)) throw error;
			first ??= error;
		}
	}
	throw first ?? notMagento();
}

function isMagento(text: string): boolean {
	try {
		return mageError.safeParse(JSON.parse(text)).success || Array.isArray(JSON.parse(text));
	} catch {
		return false;
	}
}

const notMagento = () =>
	new MagentoError("not_a_store", "No Magento store answers at this address.", {
		fix: "Check the address: it is the one under which the shop's front page opens, without /admin.",
	});

/** Null: the store says nothing against the largest page that we ask for. */
export async function readLargestPage(connection: Connection): Promise<number | null> {
	try {
		const query = [...firstPage(connection), ["fields", "total_count"] as const];
		await callMagento(connection, { method: "GET", path: "/V1/products", query }, z.unknown());
		return null;
	} catch (error) {
		if (error instanceof MagentoError && error.limit !== null) return error.limit;
		throw error;
	}
}

/**
 * Every way that the strings allow, until one is let in. A missing right is answered alike whoever is not let in by a bearer; by a
 * signature it means that the integration is known.
 */
export async function findScheme(connection: Connection): Promise<{ scheme: AuthScheme; date: string | undefined }> {
	const tokens = tokensOf(connection);
	if (!tokens)
		throw new MagentoError("access_revoked", "There is no access token.", {
			fix: "Paste the strings that Magento shows when the integration is activated.",
		});
	const isTls = connection.baseUrl.startsWith("https://");
	const schemes: AuthScheme[] = tokens.full
		? ["oauth", ...(isTls ? (["oauth_as_http"] as const) : []), "bearer"]
		: ["bearer"];
	let first: ChannelError | null = null;
	for (const scheme of schemes) {
		const as = { ...connection, facts: { ...connection.facts, auth: scheme } };
		const reply = await attempt(() => readProducts(as));
		if (!(reply instanceof ChannelError)) return { scheme, date: reply.headers.date };
		if (reply.reason === "missing_scope" && scheme !== "bearer") return { scheme, date: undefined };
		if (reply.reason === "missing_scope" && (await holdsAnyRight(as))) return { scheme, date: undefined };
		if (!["access_revoked", "missing_scope", "refused"].includes(reply.reason)) throw reply;
		first ??= scheme === "bearer" ? bearerRefused(tokens.full !== null) : reply;
	}
	throw first ?? bearerRefused(false);
}

async function holdsAnyRight(connection: Connection): Promise<boolean> {
	const { granted } = await tryRights(connection);
	return granted.length > 0;
}

const bearerRefused = (hasFour: boolean) =>
	new MagentoError("access_revoked", "Magento does not accept the access token alone.", {
		fix: hasFour
			? "Activate the integration again in Magento (System → Extensions → Integrations) and connect with its new strings."
			: "Paste all four strings of the integration. Or in Magento under Stores → Configuration → Services → OAuth switch on “Allow OAuth Access Tokens to be used as standalone Bearer tokens”, and check that the integration is active.",
		code: "BEARER",
	});
