"use client";

import { LogOut } from "lucide-react";
import { type ReactElement, useEffect, useState, useTransition } from "react";
import { Menu, MenuChoice, MenuItem, MenuSeparator } from "@/components/ui/menu";
import { useShell } from "./shell-context";
import { applyTheme, readTheme, type Theme, themeOptions } from "./theme";

/** Which shop, which theme, and the way out. */
export function MerchantMenu({ trigger }: { trigger: ReactElement }) {
	const { me, merchants, merchantId, actions } = useShell();
	const [theme, setTheme] = useState<Theme>("system");
	const [, startTransition] = useTransition();

	useEffect(() => setTheme(readTheme(document.documentElement.dataset.theme)), []);

	return (
		<Menu trigger={trigger} side="top" align="start">
			<div className="px-2 pt-1 pb-1.5 text-small text-muted">
				{me.name && <span className="block text-text">{me.name}</span>}
				<span className="block">{me.email}</span>
			</div>
			{merchants.length > 1 && (
				<>
					<MenuSeparator />
					<MenuChoice
						label="Shop"
						value={merchantId}
						options={merchants.map((merchant) => ({ value: merchant.id, label: merchant.name }))}
						onChange={(id) => startTransition(() => actions.chooseMerchant(id))}
					/>
				</>
			)}
			<MenuSeparator />
			<MenuChoice
				label="Theme"
				value={theme}
				options={themeOptions}
				onChange={(next) => {
					setTheme(next);
					applyTheme(next);
				}}
			/>
			<MenuSeparator />
			<MenuItem icon={<LogOut aria-hidden />} onSelect={() => startTransition(() => actions.signOut())}>
				Sign out
			</MenuItem>
		</Menu>
	);
}
