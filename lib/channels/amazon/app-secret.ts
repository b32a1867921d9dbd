/** The client secret of a private app, which Amazon ends after 180 days, and how the next one is had. */
import { z } from "zod";
import type { AppCredentials, AppSecret, Connection } from "../channel-adapter";
import { ChannelError } from "../errors";
import { AmazonError, type Call, callAmazon } from "./client";
import { makeSecretByHand, previousLifeMs, secretLifeMs } from "./client-secret";
import { appOf, logIn, loginIdOf, scopes } from "./login";
import { queueOf } from "./queue";

/** Rate 0.0167 a second, burst 1. */
const rotation: Call = {
	operation: "rotateApplicationClientSecret",
	method: "POST",
	path: "/applications/2023-11-30/clientSecret",
	as: "rotation",
};

export const appSecret: AppSecret = {
	lifeMs: secretLifeMs,
	previousMs: previousLifeMs,
	byHand: makeSecretByHand,
	clientIdOf: ({ clientId, clientSecret }) => (clientId && clientSecret ? loginIdOf(clientId) : null),
	canHear: (access) => queueOf({ access }) !== null,
	accepts,
	renew,
};

async function accepts(connection: Connection, app: AppCredentials): Promise<boolean> {
	try {
		await logIn(connection, app, { grant_type: "client_credentials", scope: scopes.app });
		return true;
	} catch (error) {
		if (error instanceof ChannelError && error.code === "invalid_client") return false;
		throw error;
	}
}

async function renew(connection: Connection): Promise<void> {
	if (!appOf(connection))
		throw new ChannelError("missing_scope", "Only the app's owner can make a new client secret.", {
			fix: makeSecretByHand,
		});
	try {
		await callAmazon(connection, rotation, z.null());
	} catch (error) {
		throw asRefusal(error);
	}
}

function asRefusal(error: unknown): unknown {
	if (error instanceof AmazonError && error.status === 400)
		return new ChannelError("refused", "Amazon has no queue to send a new client secret to.", {
			fix: `In Seller Central under Apps and Services → Develop Apps → Notification Preferences enter the queue in the row Application Client New Secret. Or by hand: ${makeSecretByHand}`,
			code: error.code,
		});
	const isNotGranted =
		error instanceof ChannelError && (error.reason === "missing_scope" || error.code === "invalid_scope");
	if (isNotGranted)
		return new ChannelError("missing_scope", "Amazon does not let this app renew its own client secret.", {
			fix: makeSecretByHand,
			code: error.code,
		});
	return error;
}
