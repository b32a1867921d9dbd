"use client";

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import type { ReactElement } from "react";
import { PlatformPlate } from "@/components/channel/platform-plate";
import { orThrow } from "@/components/channels/channel-actions";
import { Menu, MenuItem } from "@/components/ui/menu";
import { showFailed } from "@/components/ui/toast";
import { type PlatformKey, platformLabel } from "@/lib/format/platforms";
import { sandboxKey, sandboxStoresQuery } from "@/lib/queries/sandbox";
import type { SandboxActions } from "./sandbox-actions";

/** Makes a sandbox store of the kind that is chosen, and goes to it. */
export function MakeMenu({
	platforms,
	make,
	trigger,
}: {
	platforms: readonly PlatformKey[];
	make: SandboxActions["make"];
	/** The button that opens the choice; busy while a store is made. */
	trigger: (isBusy: boolean) => ReactElement;
}) {
	const { data: stores } = useQuery(sandboxStoresQuery());
	const client = useQueryClient();
	const router = useRouter();
	const making = useMutation({
		mutationFn: (platform: PlatformKey) => {
			const number = (stores ?? []).filter((store) => store.platform === platform).length + 1;
			return orThrow(make({ platform, name: `Toy ${platformLabel(platform)} ${number}` }));
		},
		onSuccess: async (made) => {
			await client.invalidateQueries({ queryKey: sandboxKey });
			router.push(`/sandbox?store=${made.storeId}`);
		},
		onError: (error) => showFailed("The store was not made", { detail: error.message }),
	});
	return (
		<Menu trigger={trigger(making.isPending)}>
			{platforms.map((platform) => (
				<MenuItem
					key={platform}
					icon={<PlatformPlate platform={platform} label="" />}
					// Its number follows those that are there.
					isDisabled={!stores}
					onSelect={() => making.mutate(platform)}
				>
					{platformLabel(platform)}
				</MenuItem>
			))}
		</Menu>
	);
}
