/** How long an app's client secret works, by Amazon's developer guide, and where a merchant makes another. */
const dayMs = 86_400_000;

export const secretLifeMs = 180 * dayMs;

/** After a new one was made, the one before works so much longer. */
export const previousLifeMs = 7 * dayMs;

export const makeSecretByHand =
	"In Seller Central under Apps and Services → Develop Apps → View (LWA credentials) choose Rotate secret, and paste the new one here: Channels → the store → Paste new secret. The old one works for another week, and the refresh token stays good.";
