import { defineTasks, task } from 'pgsched';

export default defineTasks({
  mail: {
    /** Mails the receipt of one order. */
    sendReceipt: task<{
      orderId: number;
      to: string;
      /** When the order was placed. */
      at: Date;
      language?: 'en' | 'es';
    }>({ key: ({ orderId }) => `receipt:${orderId}` }),
  },
});
