/** The channel that says that a delivery may be due. The triggers that notify it are in the migrations. */
export const WEBHOOK_CHANNEL = 'holdfast_webhook'
