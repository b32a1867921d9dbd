"use client";

import dynamic from "next/dynamic";
import type { CartChoice } from "@/lib/queries/channels";

const Combobox = dynamic(() => import("@/components/ui/combobox").then((module) => module.Combobox));

/** What kind of store it is, of some seventy. */
export function CartPicker({
	carts,
	chosen,
	onChoose,
	error,
}: {
	carts: readonly CartChoice[];
	chosen: CartChoice | null;
	onChoose: (cart: CartChoice | null) => void;
	error: string | undefined;
}) {
	const optionOf = ({ key, name, method }: CartChoice) => ({
		value: key,
		label: name,
		detail: method && `by ${method}`,
	});
	return (
		<Combobox
			label="Kind of store"
			placeholder="PrestaShop, Wix, eBay, …"
			options={carts.map(optionOf)}
			value={chosen && optionOf(chosen)}
			onChange={(option) => onChoose(carts.find(({ key }) => key === option?.value) ?? null)}
			error={error}
			emptySentence="API2Cart lists nothing of this name. Try fewer letters."
		/>
	);
}
