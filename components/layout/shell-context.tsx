"use client";

import { createContext, type ReactNode, useContext } from "react";

type Outcome = { ok: true } | { ok: false; sentence: string };

export type ShellValue = {
	me: { name: string | null; email: string; role: "owner" | "manager" | "support" | "viewer" };
	/** Every shop that this person may act for, and the one they do. */
	merchants: readonly { id: string; name: string }[];
	merchantId: string;
	hasSandbox: boolean;
	actions: {
		pausePushes: () => Promise<Outcome>;
		resumePushes: () => Promise<Outcome>;
		chooseMerchant: (merchantId: string) => Promise<void>;
		signOut: () => Promise<void>;
	};
};

const ShellContext = createContext<ShellValue | null>(null);

export function ShellProvider({ value, children }: { value: ShellValue; children: ReactNode }) {
	return <ShellContext.Provider value={value}>{children}</ShellContext.Provider>;
}

export function useShell(): ShellValue {
	const value = useContext(ShellContext);
	if (!value) throw new Error("This part belongs inside the dashboard's layout.");
	return value;
}
