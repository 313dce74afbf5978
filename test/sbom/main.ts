import { shippedBill, shippedPackages, wholeBill } from './bill.ts';

// The bill of materials of what is shipped, on standard output.
process.stdout.write(`${JSON.stringify(shippedBill(wholeBill(), shippedPackages()), null, 2)}\n`);
