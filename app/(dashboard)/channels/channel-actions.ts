import type { ChannelActions, ConnectActions, SetupActions } from "@/components/channels/channel-actions";
import { setOfferPolicyAction } from "../policy-actions";
import * as act from "./actions";

export const channelActions: ChannelActions = {
	pause: act.pauseChannelAction,
	disconnect: act.disconnectChannelAction,
	tryNow: act.tryNowAction,
	refreshListings: act.refreshListingsAction,
	check: act.checkStoreAction,
	setPolicy: setOfferPolicyAction,
	setStrategy: act.setChannelStrategyAction,
	setDriftPolicy: act.setDriftPolicyAction,
	verifyNow: act.verifyNowAction,
	setLocation: act.setLocationAction,
	setSellingLocations: act.setSellingLocationsAction,
	addLocation: act.addLocationAction,
};

export const setupActions: SetupActions = {
	check: act.checkStoreAction,
	setLocation: act.setLocationAction,
	refreshListings: act.refreshListingsAction,
	previewStart: act.previewStartAction,
	startFromCatalogue: act.startFromCatalogueAction,
	acceptCertain: act.acceptCertainAction,
	seeDryRun: act.seeDryRunAction,
	switchPushingOn: act.switchPushingOnAction,
};

export const connectActions: ConnectActions = {
	withKeys: act.connectWithKeysAction,
	listCarts: act.listCartsAction,
	beginVisit: act.beginVisitAction,
	beginStart: act.beginStartAction,
	confirmInstall: act.confirmInstallAction,
};
