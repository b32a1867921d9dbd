import { env } from "@/lib/env";
import { wordList } from "@/lib/format/list";
import { platformLabel } from "@/lib/format/platforms";
import { authorise, type Context } from "../context";

export type EnvironmentFact = {
	/** What it is about. */
	topic: string;
	/** How it is, in a word or two. */
	value: string;
	/** What follows from it, as it is. Never a value of a secret. */
	sentence: string;
	/** The variable that changes it. */
	variable: string;
	/** True where somebody should know of it: it limits what works, or widens what is allowed. */
	isNoteworthy: boolean;
};

export type Environment = {
	/** Where stores and browsers reach Onecount; null: only this machine does. */
	publicUrl: string | null;
	engine: "embedded" | "server" | "dev" | "cloud";
	facts: EnvironmentFact[];
};

/** How this installation is set up. With nothing set everything is built in, and that is as it should be. */
export function readEnvironment(ctx: Context): Environment {
	authorise(ctx, "manager");
	const { publicUrl, inngest } = env();
	return {
		publicUrl,
		engine: inngest.kind,
		facts: [
			addressFact(),
			databaseFact(),
			secretFact("Key for stores' credentials", "ONECOUNT_KEYS", {
				own: "Your keys seal the stores' credentials.",
				made: "A key made on this machine seals the stores' credentials. Keep .onecount/secrets.json: without it they can't be opened.",
			}),
			secretFact("Secret for sign-in", "AUTH_SECRET", {
				own: "Your secret signs sessions.",
				made: "A secret made on this machine signs sessions.",
			}),
			engineFact(),
			hostAppsFact(),
			sandboxFact(),
			privateAddressFact(),
		],
	};
}

function addressFact(): EnvironmentFact {
	const { publicUrl, port } = env();
	const fact = { topic: "Address", variable: "ONECOUNT_URL" };
	if (!publicUrl)
		return {
			...fact,
			value: "this machine",
			sentence: `Onecount answers here at port ${port}. Sandbox stores send their news; real stores are asked every few seconds, until there is a public https address.`,
			isNoteworthy: false,
		};
	const isHttps = publicUrl.startsWith("https://");
	return {
		...fact,
		value: new URL(publicUrl).host,
		sentence: isHttps
			? `Stores send their news to ${publicUrl}.`
			: `${publicUrl} is not https, so real stores send no news there; they are asked instead.`,
		isNoteworthy: !isHttps,
	};
}

function databaseFact(): EnvironmentFact {
	const isOwn = env().databaseUrl !== null;
	return {
		topic: "Database",
		value: isOwn ? "your Postgres" : "built in",
		sentence: isOwn
			? "Your own Postgres keeps everything."
			: "The embedded Postgres keeps everything in .onecount, on this machine.",
		variable: "DATABASE_URL",
		isNoteworthy: false,
	};
}

function secretFact(topic: string, variable: string, sentences: { own: string; made: string }): EnvironmentFact {
	const isOwn = Boolean(process.env[variable]);
	return {
		topic,
		value: isOwn ? "yours" : "made here",
		sentence: isOwn ? sentences.own : sentences.made,
		variable,
		isNoteworthy: false,
	};
}

function engineFact(): EnvironmentFact {
	const { kind } = env().inngest;
	const fact = { topic: "Functions", variable: "INNGEST_…", isNoteworthy: false };
	if (kind === "embedded")
		return { ...fact, value: "built in", sentence: "The engine in this process runs the functions." };
	if (kind === "cloud") return { ...fact, value: "Inngest Cloud", sentence: "Inngest's cloud runs the functions." };
	return { ...fact, value: "your Inngest", sentence: "Your Inngest server runs the functions." };
}

function hostAppsFact(): EnvironmentFact {
	const apps = Object.keys(env().hostApps).map(platformLabel);
	return {
		topic: "Apps for OAuth",
		value: apps.length > 0 ? wordList(apps) : "the merchants' own",
		sentence:
			apps.length > 0
				? `Merchants let this host's app into their store at ${wordList(apps)} by agreeing there; elsewhere they bring an app of their own, or paste keys.`
				: "To connect a store by OAuth, merchants bring an app of their own; with one of this host's they only agree. Keys can be pasted everywhere.",
		variable: "<PLATFORM>_CLIENT_ID",
		isNoteworthy: false,
	};
}

function sandboxFact(): EnvironmentFact {
	const { sandbox } = env();
	return {
		topic: "Sandbox stores",
		value: sandbox ? "on" : "off",
		sentence: sandbox ? "Sandbox stores can be made and connected." : "Only real stores can be connected.",
		variable: "ONECOUNT_SANDBOX",
		isNoteworthy: false,
	};
}

function privateAddressFact(): EnvironmentFact {
	const { allowPrivateAddresses } = env();
	return {
		topic: "Private addresses",
		value: allowPrivateAddresses ? "allowed" : "never called",
		sentence: allowPrivateAddresses
			? "Stores and webhook endpoints on private addresses may be called: only where every merchant is trusted."
			: "Stores and webhook endpoints must have a public address; what is typed can't reach into this network.",
		variable: "ONECOUNT_ALLOW_PRIVATE_ADDRESSES",
		isNoteworthy: allowPrivateAddresses,
	};
}
