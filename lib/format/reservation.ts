/** What people call a reservation: by what its caller calls it, a cart or an order. */
export const reservationName = (reference: string | null | undefined): string =>
	reference ? `Reservation ${reference}` : "A reservation";
