import { createServer as createHttpServer, type RequestListener } from 'node:http';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import rhea, { type Connection, type ConnectionOptions } from 'rhea';
import { serveConnection, type ServedConnection } from './amqp/connection.ts';
import type { Face } from './amqp/face.ts';
import { acceptSocket, forgetSocket } from './amqp/inside.ts';
import { PUBLISHER_CREDIT } from './amqp/publisher.ts';
import { writeTogether } from './amqp/write-together.ts';

/** First byte of a TLS record of the handshake. */
const TLS_HANDSHAKE = 0x16;

export interface Tls {
  readonly cert: string;
  readonly key: string;
}

export interface Listening {
  readonly port: number;
  /** How many AMQP connections there are. */
  connections(): number;
  /** Cuts them all, as a broken network does. */
  drop(): number;
  detachLinks(): void;
  close(): Promise<void>;
}

export interface ListenOptions {
  readonly port: number;
  readonly tls: Tls | null;
  readonly administration: RequestListener;
}

/**
 * One port for everything, as one connection string names one: AMQP, AMQP in TLS, and HTTPS for administration. What a
 * client speaks is seen from its first bytes. Loopback only.
 */
export async function listen(face: Face, options: ListenOptions): Promise<Listening> {
  const sockets = new Set<Socket>();
  const served = new Map<Socket, { amqp: ServedConnection; connection: Connection }>();
  const container = rhea.create_container({
    id: 'service-bus-double',
    autoaccept: false,
    treat_modified_as_released: false,
    credit_window: PUBLISHER_CREDIT,
    tcp_no_delay: true,
    reconnect: false,
  });
  container.sasl_server_mechanisms.enable_anonymous();
  // The .NET client's name for the same.
  container.sasl_server_mechanisms.MSSBCBS = container.sasl_server_mechanisms.ANONYMOUS;

  const speakAmqp = (socket: Socket): void => {
    const connection = container.create_connection({} as ConnectionOptions);
    served.set(socket, { amqp: serveConnection(face, connection), connection });
    socket.once('close', () => forget(socket));
    writeTogether(socket);
    acceptSocket(connection, socket);
  };
  const forget = (socket: Socket): void => {
    const one = served.get(socket);
    if (!served.delete(socket) || one === undefined) return;
    forgetSocket(one.connection);
    one.amqp.broke();
  };
  const http = createHttpServer(options.administration);
  const tls =
    options.tls === null
      ? null
      : createTlsServer(options.tls, (socket) =>
          withFirstByte(socket, (first) => {
            if (first === 'A'.charCodeAt(0)) speakAmqp(socket);
            else http.emit('connection', socket);
          }),
        );
  // A client that does not trust our authority breaks off its handshake.
  tls?.on('tlsClientError', (_error, socket) => socket.destroy());
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => undefined);
    withFirstByte(socket, (first) => {
      if (first !== TLS_HANDSHAKE) speakAmqp(socket);
      else if (tls === null) socket.destroy();
      else tls.emit('connection', socket);
    });
  });
  const port = await bound(server, options.port);
  return {
    port,
    connections: () => served.size,
    drop: () => {
      const count = served.size;
      for (const socket of served.keys()) {
        forget(socket);
        socket.destroy();
      }
      return count;
    },
    detachLinks: () => {
      for (const { amqp } of served.values()) amqp.detachLinks();
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        http.close();
        for (const socket of served.keys()) forget(socket);
        for (const socket of sockets) socket.destroy();
      }),
  };
}

/** Looks at the first byte and puts it back for whoever reads on. */
function withFirstByte(socket: Socket, speak: (first: number) => void): void {
  socket.on('error', () => undefined);
  socket.once('readable', () => {
    const chunk = socket.read() as Buffer | null;
    if (chunk === null) return;
    socket.unshift(chunk);
    speak(chunk[0] ?? 0);
  });
}

async function bound(server: Server, port: number): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve());
  });
  return (server.address() as AddressInfo).port;
}
