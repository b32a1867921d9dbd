/** The steps that a channel has once its keys are right; known to the server, which draws the page, and to the browser. */
export const setupSteps = ["check", "location", "read", "match", "dry-run"] as const;
export type SetupStep = (typeof setupSteps)[number];
export const isSetupStep = (step: string): step is SetupStep => setupSteps.some((one) => one === step);
