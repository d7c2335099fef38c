import type { MailSendReceiptHandler } from '../../generated/handlers.js';

const subjects = { en: 'Your receipt', es: 'Su recibo' };

/** Says what it would mail, and marks the order; job and mark are committed together. */
export const handler: MailSendReceiptHandler = ({ orderId, to, at, language = 'en' }, job) =>
  job.transaction(async (tx) => {
    console.log(`${subjects[language]}, order ${orderId} of ${at.toISOString()}, to ${to}`);
    await tx.query('update orders set receipt_sent = true where id = $1', [orderId]);
  });
