import type { Socket } from 'node:net';

/**
 * rhea writes every frame by itself, and without delay each would be a packet. What one turn writes goes out in one
 * piece, and before the end.
 */
export function writeTogether(socket: Socket): void {
  const write: (bytes: Buffer) => boolean = socket.write.bind(socket);
  const end: () => Socket = socket.end.bind(socket);
  let pieces: Buffer[] = [];
  const flush = (): void => {
    if (pieces.length === 0) return;
    const all = pieces.length === 1 && pieces[0] ? pieces[0] : Buffer.concat(pieces);
    pieces = [];
    if (socket.writable) write(all);
  };
  Object.assign(socket, {
    write: (bytes: Buffer) => {
      if (pieces.push(bytes) === 1) process.nextTick(flush);
      return true;
    },
    end: () => {
      flush();
      return end();
    },
  });
}
