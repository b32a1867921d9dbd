/** Amazon's marketplaces and the regions whose endpoint serves them, from its developer guide. One authorisation is one region. */
type Region = "na" | "eu" | "fe";

export type Marketplace = { id: string; country: string; region: Region; domain: string };

const row = (region: Region, country: string, domain: string, id: string): Marketplace => ({
	id,
	country,
	region,
	domain,
});

/** The largest of a region first. */
export const marketplaces: readonly Marketplace[] = [
	row("na", "US", "amazon.com", "ATVPDKIKX0DER"),
	row("na", "CA", "amazon.ca", "A2EUQ1WTGCTBG2"),
	row("na", "MX", "amazon.com.mx", "A1AM78C64UM0Y8"),
	row("na", "BR", "amazon.com.br", "A2Q3Y263D00KWC"),
	row("eu", "DE", "amazon.de", "A1PA6795UKMFR9"),
	row("eu", "UK", "amazon.co.uk", "A1F83G8C2ARO7P"),
	row("eu", "FR", "amazon.fr", "A13V1IB3VIYZZH"),
	row("eu", "IT", "amazon.it", "APJ6JRA9NG5V4"),
	row("eu", "ES", "amazon.es", "A1RKKUPIHCS9HS"),
	row("eu", "NL", "amazon.nl", "A1805IZSGTT6HS"),
	row("eu", "PL", "amazon.pl", "A1C3SOZRARQ6R3"),
	row("eu", "SE", "amazon.se", "A2NODRKZP88ZB9"),
	row("eu", "BE", "amazon.com.be", "AMEN7PMS3EDWL"),
	row("eu", "IE", "amazon.ie", "A28R8C7NBKEWEA"),
	row("eu", "TR", "amazon.com.tr", "A33AVAJ2PDY3EV"),
	row("eu", "AE", "amazon.ae", "A2VIGQ35RCS4UG"),
	row("eu", "SA", "amazon.sa", "A17E79C6D8DWNP"),
	row("eu", "IN", "amazon.in", "A21TJRUUN4KGV"),
	row("fe", "JP", "amazon.co.jp", "A1VC38T7YXB528"),
	row("fe", "SG", "amazon.sg", "A19VAU5U5O7RUS"),
	row("fe", "AU", "amazon.com.au", "A39IBJ37TRP1C6"),
];

export const marketplaceOf = (id: string): Marketplace | null => marketplaces.find((one) => one.id === id) ?? null;

export const regionEndpoint = (region: Region) => `https://sellingpartnerapi-${region}.amazon.com`;

const realEndpoint = /^https:\/\/(?:sandbox\.)?sellingpartnerapi-(na|eu|fe)\.amazon\.com$/;

export const regionOf = (baseUrl: string): Region | null => (realEndpoint.exec(baseUrl)?.[1] as Region) ?? null;

/** Where the login host answers: one for all regions; of a store that is not Amazon's own, below its address. */
export const tokenUrlOf = (baseUrl: string): string =>
	regionOf(baseUrl) ? "https://api.amazon.com/auth/o2/token" : `${baseUrl}/auth/o2/token`;

const consentHosts: Record<Region, string> = {
	na: "sellercentral.amazon.com",
	eu: "sellercentral-europe.amazon.com",
	fe: "sellercentral.amazon.co.jp",
};

const confirmPath = "/apps/authorize/confirm/";

/** Of a page of Seller Central that goes on with what began in its Appstore: the region; null for every other address. */
export function regionOfConfirmPage({ protocol, host, username, password, pathname }: URL): Region | null {
	if (protocol !== "https:" || username || password || !pathname.startsWith(confirmPath)) return null;
	if (host === consentHosts.eu) return "eu";
	return marketplaces.find(({ domain }) => host === `sellercentral.${domain}`)?.region ?? null;
}

/** Seller Central's page where a seller lets an app in. */
export function consentPageOf(baseUrl: string): string {
	const region = regionOf(baseUrl);
	return `${region ? `https://${consentHosts[region]}` : baseUrl}/apps/authorize/consent`;
}
