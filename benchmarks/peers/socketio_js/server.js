// Socket.IO's own server with as little around it as can be: it stores nothing. JWT_SECRET makes it verify tokens, REDIS_URL
// joins it to others by the adapter for Redis.
import { createServer } from "node:http";
import { Server } from "socket.io";

const http = createServer((_request, response) => response.end("ready"));
const io = new Server(http, { transports: ["websocket"], maxHttpBufferSize: 64 * 1024 });

if (process.env.JWT_SECRET) {
  const { default: jwt } = await import("jsonwebtoken");
  io.use((socket, next) => {
    jwt.verify(socket.handshake.auth.token, process.env.JWT_SECRET, { algorithms: ["HS256"] }, (error, claims) => {
      socket.data.claims = claims;
      next(error ?? undefined);
    });
  });
}

if (process.env.REDIS_URL) {
  const { createClient } = await import("redis");
  const { createAdapter } = await import("@socket.io/redis-adapter");
  const publisher = createClient({ url: process.env.REDIS_URL });
  const subscriber = publisher.duplicate();
  await Promise.all([publisher.connect(), subscriber.connect()]);
  io.adapter(createAdapter(publisher, subscriber));
}

io.on("connection", (socket) => {
  socket.on("join", (room, answer) => {
    socket.join(room);
    answer("ok");
  });
  socket.on("say", (text, answer) => {
    io.to("room").emit("said", text);
    answer("ok");
  });
  socket.on("echo", (value, answer) => answer(value));
});

http.listen(Number(process.env.PORT), "127.0.0.1", 4096);
