/** How long an app's client secret works, by Amazon's developer guide, and what to do when it has ended. */
const dayMs = 86_400_000;

export const secretLifeMs = 180 * dayMs;

/** After a new one was made, the one before works so much longer. */
export const previousLifeMs = 7 * dayMs;

/** For the merchant: where the next one is made. */
export const makeSecretByHand =
	"In Seller Central under Apps and Services → Develop Apps → View (LWA credentials) choose Rotate secret, and paste the new one here: Channels → the store → Paste new secret. The old one works for another week, and the refresh token stays good.";

/** Where nobody knows whose app it is. */
export const endedSecretFix = `Client secrets end after 180 days. ${makeSecretByHand} If the app is not your own, whoever runs this Onecount makes the new one, and sets AMAZON_CLIENT_SECRET.`;
